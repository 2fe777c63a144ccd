/** What A and B do to the outputs of attention, where the shown tensor is queries, keys or values. Computed while it is looked at. */
import { useState } from "react";
import type { AttentionReport } from "../../../workers/attention/attention.ts";
import { findTensor, sourceOf } from "../../../workers/layouts/address.ts";
import type { DescribedAttention } from "../../../workers/models/describe.ts";
import { Asked } from "../../charts/Asked.tsx";
import { ChartFrame, Nothing } from "../../charts/ChartFrame.tsx";
import { Button, Choice } from "../../charts/Controls.tsx";
import { formatCount, formatNumber } from "../../charts/numbers.ts";
import { BY_ITSELF, useAnswer, useSeen } from "../../charts/useAnswer.ts";
import { useSize } from "../../charts/useSize.ts";
import type { PanelProps } from "../../page/panel.ts";
import type { Shown } from "../../state/results.ts";
import type { Pair, Side } from "../../state/types.ts";
import { useExperiment, useStoreOf, useWorkbench } from "../../state/workbench.ts";
import { Choices } from "./Choices.tsx";
import { DRAWN, FIGURES, infiniteHeads, tableOf } from "./figures.ts";
import { HeadChart } from "./HeadChart.tsx";
import { type AttentionOptions, attentionPart } from "./options.ts";
import { type Order, orderFor, type Triple, tripleOf } from "./triple.ts";

export function AttentionPanel({ charts: { shown, pair } }: PanelProps) {
  const { timeline } = useWorkbench();
  const options = useExperiment(attentionPart.of);
  const [ref, seen] = useSeen();
  const [size, dimensions] = useSize({ width: 320, height: 160 });
  const [agreed, agree] = useState<Order["operations"] | null>(null);
  const target = (shown.a ?? shown.b)?.request.target ?? null;
  const triple = useTriple(target?.tensor ?? null);
  const known = useKnown(typeof triple === "string" ? null : triple);
  const order =
    target === null
      ? "No result yet"
      : typeof triple === "string"
        ? triple
        : orderFor(triple, options, target.view, known);
  const can = typeof order === "string" ? null : order;
  const long = can !== null && can.operations > BY_ITSELF && agreed !== can.operations;
  const ready = seen && !long ? can : null;
  const a = useAttention("a", shown.a, ready);
  const b = useAttention("b", shown.b, ready);
  const answers = { a: a.answer, b: b.answer };
  const running = a.running || b.running;
  const any = answers.a ?? answers.b;
  const stale = pair.stale ?? (running && any ? COMING : null);
  const infinite = infiniteHeads(answers, options.figure);
  return (
    <div ref={ref} className="h-full">
      <ChartFrame
        chart="attention"
        title="Attention by head"
        description={described(options, answers)}
        stale={stale}
        minHeight={150}
        controls={
          <Choice
            label="Drawn by head"
            value={options.figure}
            options={[
              { value: "output", label: "output error" },
              { value: "kl", label: "KL" },
              { value: "entropy", label: "entropy" },
            ]}
            onChange={(figure) => timeline.change((e) => attentionPart.with(e, { figure }))}
          />
        }
        table={() => tableOf(answers)}
        footer={
          <div className="flex flex-col gap-1 pt-1">
            <Asked
              of={[
                { name: "A", asked: a },
                { name: "B", asked: b },
              ]}
            />
            {infinite && <p className="m-0 text-warn text-xs">{infinite}</p>}
            {any && <Totals {...answers} />}
            {can?.notes.map((note) => (
              <p key={note} className="m-0 text-warn text-xs">
                {note}
              </p>
            ))}
            {typeof triple !== "string" && (
              <Choices role={triple.role} options={options} known={known?.heads ?? null} />
            )}
          </div>
        }
      >
        <div ref={size} className="absolute inset-0">
          {any ? (
            <HeadChart {...answers} {...dimensions} figure={options.figure} />
          ) : (
            <Nothing>
              {typeof order === "string" ? (
                order
              ) : long ? (
                <span className="flex flex-wrap items-center justify-center gap-2">
                  Some {formatCount(order.operations / 1e9)} billion operations for each of A and B.
                  <Button onClick={() => agree(order.operations)}>Compute</Button>
                </span>
              ) : running || !seen ? (
                "Not computed yet"
              ) : (
                "No figures"
              )}
            </Nothing>
          )}
        </div>
      </ChartFrame>
    </div>
  );
}

const COMING = { coming: true, badge: "computing", words: "Of what was asked before." };

/** The triple that the shown results are of. */
function useTriple(name: string | null): Triple | string {
  const info = useStoreOf(useWorkbench().source.store, (s) => s.info);
  if (!info || name === null) return "No tensor is open.";
  return tripleOf(name, (one) => findTensor(info, one));
}

/** What the open model says of an attention whose inputs were captured. */
function useKnown(triple: Triple | null): DescribedAttention | null {
  const { client, source } = useWorkbench();
  const info = useStoreOf(source.store, (s) => s.info);
  const captured = info && triple && sourceOf(info, triple.tensors.keys) !== info.id;
  const { answer } = useAnswer<readonly DescribedAttention[]>(
    captured ? `attention of ${info.id}` : null,
    async (asking) => {
      const { attention } = await client.call("model", { source: info!.id }, asking);
      return attention;
    },
  );
  return (triple && answer?.find(({ name }) => name === triple.of || name.endsWith(`.${triple.of}`))) ?? null;
}

function useAttention(side: Side, shown: Shown | null, order: Order | null) {
  const { client } = useWorkbench();
  const request = shown && order?.request(shown.request);
  const key = request && `attend ${shown.key} ${JSON.stringify(request)}`;
  return useAnswer<AttentionReport>(key ?? null, (asking) => client.call("attend", request!, { ...asking, side }));
}

function described({ figure }: AttentionOptions, { a, b }: Pair<AttentionReport>): string {
  const { label, key } = DRAWN[figure];
  const one = (name: string, report: AttentionReport | null) =>
    report ? [`${name}: ${label} ${formatNumber(report.figures[key])} over all heads.`] : [];
  return [`${label} of attention by head, with recipes A and B.`, ...one("A", a), ...one("B", b)].join(" ");
}

/** All figures over all heads, and what each part takes. */
function Totals({ a, b }: Pair<AttentionReport>) {
  const roles = Object.entries((a ?? b)?.bits ?? {});
  return (
    <>
      <dl className="m-0 grid grid-cols-[repeat(auto-fill,minmax(190px,1fr))] gap-x-3 text-xs">
        {FIGURES.map(({ key, name, words }) => (
          <div key={key} className="flex items-baseline justify-between gap-2" title={words}>
            <dt className="text-muted">{name}</dt>
            <dd className="m-0 flex gap-2 tabular-nums" data-attention={key}>
              {key === "entropy" ? (
                <span>{formatNumber((a ?? b)?.figures.entropy)}</span>
              ) : (
                <>
                  {a && <span className="text-a">{formatNumber(a.figures[key])}</span>}
                  {b && <span className="text-b">{formatNumber(b.figures[key])}</span>}
                </>
              )}
            </dd>
          </div>
        ))}
        {roles.map(([role]) => (
          <div key={role} className="flex items-baseline justify-between gap-2">
            <dt className="text-muted">bits a value, {role}</dt>
            <dd className="m-0 flex gap-2 tabular-nums">
              {[a, b].map(
                (report, i) =>
                  report && (
                    <span key={i} className={i === 0 ? "text-a" : "text-b"}>
                      {formatNumber(report.bits[role as keyof AttentionReport["bits"]])}
                    </span>
                  ),
              )}
            </dd>
          </div>
        ))}
      </dl>
      <p className="m-0 text-muted text-xs">
        Each head goes through its recipe by itself: a row is one token of one head.
      </p>
    </>
  );
}
