/** Quantizers of the person's own: files that are kept by their content, and named in the experiment. */
import { MODULE } from "../../kernels/formats/registry.ts";
import type { WorkbenchClient } from "../../workers/client/index.ts";
import { freeName, MOST_MODULE_BYTES } from "../../workers/modules/names.ts";
import { track } from "./busy.ts";
import { isAbort, messageOf, notify } from "./notices.ts";
import type { Timeline } from "./timeline.ts";

/**
 * Takes a module: one that the experiment asks for is there from now on (`again` runs what waited for it); another one gets a name, and
 * becomes B.
 */
export async function openModule(
  file: File,
  client: WorkbenchClient,
  timeline: Timeline,
  again: () => void,
): Promise<void> {
  let digest: string;
  try {
    // Nothing that large is read for naught; a worker says so of all others.
    if (file.size > MOST_MODULE_BYTES) throw new Error(`a module has ${MOST_MODULE_BYTES} bytes at most.`);
    const bytes = new Uint8Array(await file.arrayBuffer());
    ({ digest } = await track(client.call("keepModule", { bytes })));
  } catch (error) {
    if (!isAbort(error)) notify(`${file.name}: ${messageOf(error)}`, "error");
    return;
  }
  const { a, b, definitions } = timeline.getState().experiment;
  if ([a, b, ...definitions].some((text) => text.includes(digest))) {
    notify(`${file.name} is the module that was asked for.`);
    return again();
  }
  const name = freeName(file.name, definitions);
  timeline.change((e) => ({ ...e, definitions: [...e.definitions, `${name}:=${MODULE}(${digest})`], b: name }));
  notify(`${file.name} is a quantizer now: recipes name it ${name}, and it stands as B.`);
}
