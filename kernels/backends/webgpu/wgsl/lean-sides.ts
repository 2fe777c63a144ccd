import { ACROSS, LEAN_BAND_ROWS, LEAN_BANDS, type LeanText, pool } from "./lean-fields.ts";
import { SCALE_FROM } from "./lean-scale.ts";
import { each, fours, joined } from "./lean-text.ts";

/** Whether the scales of a workgroup's rows are divided out before anything else, each by one thread. */
export const rowsFirst = ({ scaleFrom, bySteps }: LeanText) => scaleFrom === SCALE_FROM.givenAmax && !bySteps;

export const rowScalesWgsl = (text: LeanText) =>
  rowsFirst(text)
    ? `
fn find_row_scales(thread: u32, first_band: u32, first_col: u32) {
  let band = first_band + thread / ${LEAN_BAND_ROWS}u;
  if (thread >= ${LEAN_BANDS * LEAN_BAND_ROWS}u || band >= lean.bands) { return; }
  let span = bands[band];
  let row = span.x + thread % ${LEAN_BAND_ROWS}u;
  if (row >= span.y) { return; }
  let amax = scales[row];
  let scale = divided(amax);
  atomicStore(&pool[${pool.ranks}u + 2u * thread], scale);
  atomicStore(&pool[${pool.ranks}u + 2u * thread + 1u], bitcast<u32>(inverse_of(scale)));
  if (first_col == 0u) { keep_scale(row, scale, amax); }
}`
    : "";

/** The scale of a thread's values in a row. */
export function scaleSide(text: LeanText): string {
  const { scaleFrom, bySteps } = text;
  if (scaleFrom === SCALE_FROM.one) return "lane = lane_with(scale, 1.0, largest);";
  if (scaleFrom === SCALE_FROM.given) {
    return `if (inside) {
      scale = scales[first_block(row) + block_col];
      lane = lane_of(scale, largest);
    }`;
  }
  if (rowsFirst(text)) {
    return `let known = ${pool.ranks}u + 2u * ((thread / ${ACROSS}u) * ${LEAN_BAND_ROWS}u + r);
    if (inside) {
      scale = atomicLoad(&pool[known]);
      lane = lane_with(scale, float_at(known + 1u), largest);
    }`;
  }
  const own = `
    if (largest >= INFINITY_BITS) {
      ${each(fours, (k) => `let finite${k} = finite_ones(size${k});`)}
      amax = most_within(${joined("finite", "max")});
    }
    amax = most_of(thread, amax, 1u, lean.block_threads);
    let owner = beside % lean.block_threads == 0u;`;
  const given = `
    if (inside) { amax = scales[first_block(row) + block_col]; }
    let owner = col == block_col * piece.block_cols;`;
  const counted = `atomicAdd(&pool[${pool.ranks}u + block.rank], 1u);`;
  const stored = "keep_scale(first_block(row) + block_col, block.scale, amax);";
  return `var amax = largest;
    ${scaleFrom === SCALE_FROM.ownAmax ? own : given}
    let block = find_scale(amax, largest);
    lane = block.lane;
    scale = block.scale;
    if (inside && owner) { ${bySteps ? counted : stored} }`;
}
