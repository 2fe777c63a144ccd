/** What A and B do to what the model says: figures with their standard errors over windows. */
import type { LmFigures } from "../../../workers/lm/figures/index.ts";
import type { NoiseFloor } from "../../../workers/lm/request.ts";
import { formatNumber } from "../../charts/numbers.ts";
import type { Side } from "../../charts/types.ts";
import { rowsOf, verdictOf, type Written } from "./estimates.ts";

interface Props {
  figures: LmFigures;
  /** Bits a weight of the model under each, as far as known. */
  bits: { base: number | null; a: number | null; b: number | null };
  noise: NoiseFloor | null;
  /** How the text is cut; null before anything ran. */
  cut: { tokens: number; stride: number } | null;
  /** Windows that are to come in all, and those that the text has. */
  windows: number | null;
  windowsInAll: number | null;
  /** Said of figures that are not of what is asked for; null where they are. */
  stale: string | null;
  /** What else must be known of the figures, in sentences. */
  notes: readonly string[];
}

export function FiguresTable({ figures, cut, bits, noise, windows, windowsInAll, stale, notes }: Props) {
  const rows = rowsOf(figures);
  const partial = windows !== null && figures.windows < windows;
  const over = [
    `${figures.windows}${partial ? ` of ${windows}` : ""} ${figures.windows === 1 && !partial ? "window" : "windows"}`,
    ...(cut ? [` of ${cut.tokens} tokens`] : []),
    ...(cut && cut.stride < cut.tokens ? [`, ${cut.stride} apart`] : []),
    ...(windows !== null && windowsInAll !== null && windows < windowsInAll ? [`, drawn from ${windowsInAll}`] : []),
    `, ${figures.predictions.toLocaleString("en")} predictions`,
  ].join("");
  const verdict = verdictOf(figures);
  return (
    <section
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
      tabIndex={0}
      aria-label="Figures of the model"
      className="pane scroll-cue h-full overflow-auto text-xs"
      data-windows={figures.windows}
      data-stale={stale !== null}
      data-partial={partial}
    >
      <table className={`w-full border-collapse ${stale ? "text-faint" : ""}`}>
        <caption className="px-2 pt-1 text-left">
          <span className="mr-2 font-semibold text-ink text-sm">Figures</span>
          <span className={partial ? "text-warn" : "text-muted"}>{partial ? `so far ${over}` : over}</span>
          {stale && <span className="ml-2 text-warn">{stale}</span>}
        </caption>
        <thead>
          <tr className="text-right">
            <th scope="col" className="px-2 text-left font-normal text-muted">
              mean ± standard error
            </th>
            <th scope="col" className="px-1 font-normal text-muted">
              as it is
            </th>
            <th scope="col" className="px-1 text-a">
              A
            </th>
            <th scope="col" className="px-1 text-b">
              B
            </th>
            <th scope="col" className="pr-2 pl-1 font-normal text-muted" title="Paired by window">
              A − B
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id} className="border-grid border-t text-right leading-[17px]">
              <th
                scope="row"
                className="px-2 text-left align-top font-normal text-muted min-[640px]:whitespace-nowrap"
                title={row.about}
              >
                {row.label} {row.unit && <span className="text-faint">{row.unit}</span>}
              </th>
              <Cell of={row.base} mark={`${row.id}-base`} />
              <Cell of={row.a} mark={`${row.id}-a`} />
              <Cell of={row.b} mark={`${row.id}-b`} />
              <Cell of={row.difference} mark={`${row.id}-difference`} />
            </tr>
          ))}
          <tr className="border-grid border-t text-right leading-[17px]">
            <th
              scope="row"
              className="whitespace-nowrap px-2 text-left font-normal text-muted"
              title="Over all weights of the network, as they would be stored"
            >
              Bits a weight <span className="text-faint">b</span>
            </th>
            {(["base", "a", "b"] as const).map((key) => (
              <td key={key} className="px-1" data-lm={`bits-${key}`}>
                {bits[key]?.toFixed(3) ?? "–"}
              </td>
            ))}
            <td className="pr-2 pl-1">
              {bits.a !== null && bits.b !== null ? (bits.a - bits.b).toFixed(3).replace("-", "−") : "–"}
            </td>
          </tr>
          <Broken figures={figures} />
        </tbody>
      </table>
      {verdict && !stale && (
        <p role="status" className="m-0 px-2 py-0.5 text-ink">
          {verdict}
        </p>
      )}
      <p className="m-0 px-2 pb-0.5 text-[11px] text-muted leading-[14px]" data-lm="noise">
        {noise
          ? `Noise floor: KL ${formatNumber(noise.kl, 2)} nats, of the model as it is with its sums in another order (${noise.windows} ${noise.windows === 1 ? "window" : "windows"}); a mean KL below it is none.`
          : "The noise floor is not measured yet."}
      </p>
      {notes.length > 0 && (
        <ul aria-label="Notes on the figures" className="m-0 list-none px-2 pb-1 text-[11px] text-muted leading-[14px]">
          {notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Cell({ of, mark }: { of: Written | null; mark: string }) {
  return (
    <td className="whitespace-nowrap px-1 align-top last:pr-2" data-lm={mark}>
      {of?.value ?? ""}
      {of?.stderr != null && (
        <span className="text-muted max-[639px]:block max-[639px]:text-[10px] max-[639px]:leading-[12px]">
          {" "}
          ± {of.stderr}
        </span>
      )}
    </td>
  );
}

/** Predictions without finite logits: with some of them there are no means. */
function Broken({ figures }: { figures: LmFigures }) {
  const count = (side: Side) => figures[side]?.broken ?? 0;
  if (figures.base.broken + count("a") + count("b") === 0) return null;
  return (
    <tr className="border-grid border-t text-right text-bad leading-[17px]">
      <th
        scope="row"
        className="px-2 text-left font-normal"
        title="Logits that are NaN or infinite: with some there is no mean"
      >
        Broken predictions
      </th>
      <td className="px-1">{figures.base.broken}</td>
      <td className="px-1">{figures.a ? count("a") : ""}</td>
      <td className="px-1">{figures.b ? count("b") : ""}</td>
      <td />
    </tr>
  );
}
