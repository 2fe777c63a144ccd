/** Proxies from the literature and an evolved one, by how they order mixes that evolution did not see (EMQ). */
import { useState } from "react";
import type { Judged } from "../../../../../kernels/signals/emq/evolve.ts";
import { TOP_SHARES } from "../../../../../kernels/signals/rank.ts";
import type { ProxiesAnswer } from "../../../../../workers/proxies/request.ts";
import { DataTable } from "../../../../charts/DataTable.tsx";
import { useStoreOf, useWorkbench } from "../../../../state/workbench.ts";
import { NumberField } from "../../NumberField.tsx";
import type { MixInView } from "../panel.ts";
import { UnderWay } from "../UnderWay.tsx";
import { useGround } from "../useGround.ts";
import { evolveProxy, proxiesOf } from "./store.ts";

/** Windows whose gradients are taken: more change little of the ranks. */
const CUT = { windows: 4, length: 128, stride: 0 };
/** Signals that may judge, the best first. */
const JUDGES = ["kl", "distilled", "outputError", "fisher"];

export function ProxiesPanel({ mix: { scores } }: { mix: MixInView }) {
  const w = useWorkbench();
  const { answer, truth, progress, job, problem } = useStoreOf(proxiesOf(w), (s) => s);
  const [generations, setGenerations] = useState(1000);
  const [seed, setSeed] = useState(1);
  const { ground, why } = useGround(CUT);
  const judges = JUDGES.filter((name) => scores && Object.hasOwn(scores.signals, name));
  const [picked, pick] = useState<string | null>(null);
  const judge = picked !== null && judges.includes(picked) ? picked : judges[0];
  const missing = judges.length === 0;
  return (
    <div className="flex flex-col gap-2 text-xs">
      <p className="m-0 text-muted">
        A proxy is a formula over weights (W), inputs (A), gradients (G) and their squares (H) of each tensor. Mixes are
        drawn, a recipe for each tensor, and judged by the sum of what was measured of their tensors; formulas are bred
        on some of them and judged on the others.
      </p>
      <div className="flex flex-wrap items-center gap-2">
        {!missing && (
          <label className="inline-flex items-center gap-1">
            <span className="label">judged by</span>
            <select className="field" value={judge} onChange={(event) => pick(event.currentTarget.value)}>
              {judges.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
        )}
        <span className="label">generations</span>
        <NumberField name="Generations" value={generations} least={10} onCommit={setGenerations} />
        <span className="label">seed</span>
        <NumberField name="Seed of the evolution" value={seed} least={0} onCommit={setSeed} />
        {job ? (
          <UnderWay label="Progress of the evolution" progress={progress} job={job} />
        ) : (
          <button
            type="button"
            className="btn"
            disabled={!ground || missing || !scores}
            onClick={() =>
              ground && scores && judge && void evolveProxy(w, ground, { scores, truth: judge, generations, seed })
            }
          >
            Evolve a proxy
          </button>
        )}
      </div>
      {why && <p className="m-0 text-warn">{why} Gradients cannot be taken here.</p>}
      {!why && missing && (
        <p className="m-0 text-muted">
          Nothing is measured yet that proxies could be judged by: score KL one tensor at a time (signal “KL” above)
          first.
        </p>
      )}
      {problem && (
        <p role="status" className="m-0 text-bad">
          {problem}
        </p>
      )}
      {answer && <Found answer={answer} truth={truth ?? ""} />}
    </div>
  );
}

const written = (of: Judged["heldOut"]["at"][number]): string => (of.value === null ? "–" : of.value.toFixed(3));

function Found({ answer, truth }: { answer: ProxiesAnswer; truth: string }) {
  const { best, builtIn, missing, counts } = answer.evolved;
  const top = builtIn.reduce<Judged | null>((a, b) => ((b.heldOut.mean ?? -2) > (a?.heldOut.mean ?? -2) ? b : a), null);
  const [own, other] = [best.heldOut.mean, top?.heldOut.mean ?? null];
  const words =
    own === null || other === null
      ? "There is no rank correlation on the mixes that were held out."
      : own < other
        ? `On held-out mixes the evolved proxy is worse than ${top!.name} (${own.toFixed(3)} and ${other.toFixed(3)}): use that one.`
        : `On held-out mixes the evolved proxy reaches ${own.toFixed(3)}, the best of the others (${top!.name}) ${other.toFixed(3)}.`;
  const rows = [best, ...builtIn].map(({ name, text, trained, heldOut }) => [
    ...[name, ...heldOut.at.map(written), heldOut.mean?.toFixed(3) ?? "–", trained.mean?.toFixed(3) ?? "–", text],
  ]);
  const shares = TOP_SHARES.map((share) => `ρ at ${Math.round(100 * share)} %`);
  return (
    <>
      <p role="status" className="m-0 font-medium" data-proxies>
        {words}
      </p>
      <p className="m-0">
        <code className="break-all">{best.text}</code>
      </p>
      <p className="m-0 text-muted">
        {answer.about}. Of {counts.made} children {counts.equivalent} were formulas in other words, {counts.notFinite}{" "}
        had no finite value, {counts.early} were given up early, {counts.taken} were taken.
        {missing.length > 0 && ` Not compared: ${missing.map(({ name }) => name).join(", ")}.`}
        {answer.leftOut.length > 0 &&
          ` ${answer.leftOut.length} tensors took no part, as ${answer.leftOut[0].tensor}: ${answer.leftOut[0].why}.`}
      </p>
      <div className="h-64">
        <DataTable
          data={{
            caption: `Spearman's rank correlation of proxies with the sum of ${truth}, over the held-out mixes that each puts on top`,
            columns: ["proxy", ...shares, "mean", "mean where bred", "formula"],
            rows,
          }}
        />
      </div>
    </>
  );
}
