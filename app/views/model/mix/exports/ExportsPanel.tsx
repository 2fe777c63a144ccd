/** The mix in other words: rules, files and commands of other tools, tables, scores, and the quantized checkpoint itself. */
import { useDeferredValue, useMemo, useState } from "react";
import { type MixTool, mixTools } from "../../../../../workers/mixes/types.ts";
import { useAnswer } from "../../../../charts/useAnswer.ts";
import { fileName } from "../../../../export/fileName.ts";
import { useExperiment, useStoreOf, useWorkbench } from "../../../../state/workbench.ts";
import type { MixInView } from "../panel.ts";
import { pinnedOf } from "../pinned.ts";
import { limitsOf, rowsOf } from "../report/rows.ts";
import { saveScores } from "../scoring.ts";
import { CheckpointExport } from "./CheckpointExport.tsx";
import { assignmentCsv } from "./csv.ts";
import { TextExport } from "./TextExport.tsx";
import { type ToolExport, toolExport, toolTitles } from "./texts.ts";

type Kind = MixTool | "rules" | "csv" | "scores" | "checkpoint";

const kinds: readonly { kind: Kind; title: string }[] = [
  { kind: "rules", title: "Model recipe" },
  ...mixTools.map((kind) => ({ kind, title: toolTitles[kind] })),
  ...([{ kind: "csv", title: "CSV" }] as const),
  ...([{ kind: "scores", title: "Scores" }] as const),
  ...([{ kind: "checkpoint", title: "Checkpoint" }] as const),
];

const isTool = (kind: Kind): kind is MixTool => (mixTools as readonly string[]).includes(kind);

export function ExportsPanel(props: { mix: MixInView }) {
  const w = useWorkbench();
  const mix = useDeferredValue(props.mix);
  const [kind, choose] = useState<Kind>("rules");
  const experiment = useExperiment((e) => e);
  const label = useStoreOf(w.source.store, (s) => s.info?.label ?? "model");
  const { rules, scores, assigned, state } = mix;
  const { definitions } = experiment;
  const request =
    isTool(kind) && rules !== null ? { source: mix.source, rules, definitions: [...definitions], tool: kind } : null;
  const asked = useAnswer(request && `mix export ${JSON.stringify(request)}`, ({ signal }) =>
    w.client.call("mixExport", request!, { signal }),
  );
  const own = useMemo((): ToolExport | null => {
    if (rules === null || !scores || !assigned) return null;
    if (isTool(kind)) {
      // Of another tool while this one's is on its way.
      if (asked.problem !== null) return { texts: [], refused: asked.problem, limits: [] };
      return asked.answer && !asked.running ? toolExport(asked.answer) : null;
    }
    if (kind !== "rules" && kind !== "csv") return null;
    const choice = assigned.choice.map((c) => (c < scores.recipes.length ? c : -1));
    const of = { scores, signal: state.signal, choice, pinned: pinnedOf(mix) };
    const rows = rowsOf(of);
    const stem = fileName(scores.source);
    if (kind === "rules")
      return {
        texts: [{ file: `${stem}.rules.txt`, title: "Model recipe", text: rules }],
        ...{ refused: null, limits: [] },
      };
    const text = assignmentCsv(rows, state.signal, w.linkOf(experiment).href);
    return {
      texts: [{ file: `${stem}.mix.csv`, title: "Assignment", text }],
      ...{ refused: null, limits: limitsOf(of, rows) },
    };
  }, [kind, rules, scores, assigned, state.signal, asked.answer, asked.problem, asked.running, mix, w, experiment]);
  if (rules === null || !scores || !assigned)
    return <p className="m-0 text-muted text-xs">There is nothing to export before there is a mix.</p>;
  return (
    <div className="relative flex flex-col gap-2 text-xs">
      <fieldset aria-label="Export the mix as" className="m-0 flex flex-wrap gap-1 border-0 p-0">
        {kinds.map(({ kind: one, title }) => (
          <button key={one} type="button" className="chip" aria-pressed={one === kind} onClick={() => choose(one)}>
            {title}
          </button>
        ))}
      </fieldset>
      {isTool(kind) && asked.running && (
        <p role="status" className="m-0 text-muted">
          Writing it…
        </p>
      )}
      {kind === "rules" && (
        <p className="m-0 text-muted">
          Taken by recipe fields of the Run side, links, exports, and lm and quantize on the command line.
        </p>
      )}
      {own && <TextExport of={own} />}
      {kind === "scores" && (
        <>
          <p className="m-0 text-muted">
            Every figure of {scores.tensors.length.toLocaleString("en")} tensors under {scores.recipes.length} recipes
            as JSON: opens here and on the command line, for this checkpoint alone.
          </p>
          <button type="button" className="btn self-start" onClick={() => saveScores(scores)}>
            Save the scores
          </button>
        </>
      )}
      {kind === "checkpoint" && <CheckpointExport source={mix.source} label={label} rules={rules} />}
    </div>
  );
}
