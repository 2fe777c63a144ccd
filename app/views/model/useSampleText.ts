/** Gets the bundled model's text where the open one comes without one and is to run on it. */
import { useEffect } from "react";
import { isAbort, messageOf, notify } from "../../state/notices.ts";
import { useStoreOf, useWorkbench } from "../../state/workbench.ts";
import type { ModelInfo } from "./binding.ts";
import { parseText } from "./text-choice.ts";
import { fetchSample, SAMPLE_TEXT, textsOf } from "./texts.ts";

export function useSampleText(info: ModelInfo | null, text: string | null): void {
  const w = useWorkbench();
  const samples = useStoreOf(w.source.store, (s) => s.samples);
  const texts = textsOf(w);
  const other = useStoreOf(texts, (s) => s.sample === null) && info?.bundled === false;
  const wants = other && parseText(text)?.kind === "bundled";
  const sample = samples.find(({ files }) => files?.some(({ name }) => name === SAMPLE_TEXT))?.id;
  useEffect(() => {
    if (!wants || !sample) return;
    fetchSample(texts, sample).catch((error) => !isAbort(error) && notify(messageOf(error), "error"));
  }, [wants, sample, texts]);
}
