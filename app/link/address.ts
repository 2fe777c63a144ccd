/** Keeps the address, the browser's history and its memory in step with the experiment. */
import { begin } from "../state/busy.ts";
import { defaultExperiment, type Experiment } from "../state/experiment.ts";
import { notify } from "../state/notices.ts";
import { recall, remember } from "../state/storage.ts";
import type { Timeline } from "../state/timeline.ts";
import { withNames } from "../state/vocabulary.ts";
import { parseExperimentFile, printExperimentFile } from "./file.ts";
import { decodeLink, encodeLink } from "./fragment.ts";
import { readExperiment } from "./schema.ts";
import type { Scheme } from "./scheme.ts";

const KEY = "quantscope.experiment";
const REMEMBER_AFTER_MS = 250;

/** What the page begins with as a text: the link, or what it remembers. */
export const startingText = (hash: string): string => (hash.length > 1 ? hash : (recall(KEY) ?? ""));

/** The experiment the page opens with: the link's, else the last one, else the first one there is. */
export function firstExperiment(scheme: Scheme, hash: string): Experiment {
  if (hash.length > 1) {
    const { experiment, said } = decodeLink(scheme, hash);
    for (const sentence of said) notify(sentence, "error");
    return experiment;
  }
  const last = recall(KEY);
  return (last && parseExperimentFile(scheme, last)?.experiment) || defaultExperiment;
}

function write(scheme: Scheme, experiment: Experiment, how: "push" | "replace"): void {
  const address = `#${encodeLink(scheme, experiment).fragment}`;
  const state = { experiment };
  try {
    if (how === "push") history.pushState(state, "", address);
    else history.replaceState(state, "", address);
  } catch {
    // Browsers refuse states that are too large or too many in a short time: the address alone does then, or waits.
    try {
      history.replaceState(null, "", address);
    } catch {
      return;
    }
  }
}

export function startAddress(scheme: Scheme, timeline: Timeline): void {
  write(scheme, timeline.getState().experiment, "replace");
  let ending: (() => void) | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const save = () => {
    clearTimeout(timer);
    if (!ending) return;
    remember(KEY, printExperimentFile(timeline.getState().experiment));
    ending();
    ending = null;
  };
  timeline.subscribe(({ experiment, how }, before) => {
    if (experiment === before.experiment) return;
    if (how !== "none") write(scheme, experiment, how);
    ending ??= begin();
    clearTimeout(timer);
    timer = setTimeout(save, REMEMBER_AFTER_MS);
  });
  window.addEventListener("pagehide", save);
  window.addEventListener("popstate", (event) => {
    const kept = (event.state as { experiment?: unknown } | null)?.experiment;
    const { hash } = location;
    withNames(hash, () => {
      // Another address was chosen while names came.
      if (location.hash !== hash) return;
      if (kept !== undefined) return timeline.arrive(readExperiment(scheme, kept).experiment);
      const { experiment, said } = decodeLink(scheme, hash);
      for (const sentence of said) notify(sentence, "error");
      timeline.arrive(experiment);
      write(scheme, experiment, "replace");
    });
  });
}

/** The address a colleague can open, and what is not in it. */
export function linkOf(scheme: Scheme, experiment: Experiment): { href: string; omitted: string[] } {
  const { fragment, omitted } = encodeLink(scheme, experiment);
  const { href } = new URL(`#${fragment}`, location.href);
  return { href, omitted };
}
