import { copied, ERROR_KEYS, type LeanText } from "./lean-fields.ts";
import { anyOf, each, fours } from "./lean-text.ts";
import { turnThreads } from "./lean-turn.ts";

/** What the k-th four adds, once nothing is open: `value` came in, `own` and `result` are compared. */
const countFour = (k: number, value: string, own: string, result: string) => `
        let key = max(bitcast<vec4<u32>>(error) >> vec4<u32>(21u), vec4<u32>(lean.error_key));
        let slot = key * ${copied.errors}u + vec4<u32>(errors_at);
        atomicAdd(&pool[slot.x], 1u);
        atomicAdd(&pool[slot.y], 1u);
        atomicAdd(&pool[slot.z], 1u);
        atomicAdd(&pool[slot.w], 1u);
        let place_of_bin = exact_product(${value}, lean.bin_factor);
        let beside = beside_whole(place_of_bin);
        let above = exact_difference(beside, vec4<f32>(lean.same_whole)) > place_of_bin;
        let bin = (bitcast<vec4<u32>>(beside) - select(vec4<u32>(), vec4<u32>(1u), above)) * ${copied.values}u + vec4<u32>(values_at);
        atomicAdd(&pool[bin.x], 1u);
        atomicAdd(&pool[bin.y], 1u);
        atomicAdd(&pool[bin.z], 1u);
        atomicAdd(&pool[bin.w], 1u);
        col_error${k} = float_add_product(error, error, col_error${k});
        col_signal${k} = float_add_product(${own}, ${own}, col_signal${k});
        col_most${k} = max(col_most${k}, error);
        row_error = float_add_pairs(error, error, row_error);
        row_signal = float_add_pairs(${own}, ${own}, row_signal);
        row_most = max(row_most, max(error.xy, error.zw));
        row_dot = float_add_pairs(${own}, ${result}, row_dot);
        row_energy = float_add_pairs(${result}, ${result}, row_energy);
        row_absolute += error.xy + error.zw;`;

const countCodes = (k: number) => `
        count_codes(found.index, thread);
        if (small) { zeros += count_of(x${k} == vec4<f32>()); }`;

/** What the k-th four of a thread's row add. */
export const measureFour = (k: number) => `
    if (inside) {
      let found = quantize(x${k}, lane);
      var doubtful = !lane.usable || any(found.open);
      var beyond = 0.0;
      if (lane.near_end) {
        let perhaps = beyond_ends(x${k}, found.quotient);
        doubtful = doubtful || perhaps.x != perhaps.y;
        beyond = perhaps.x;
      }
      if (doubtful) {
        leave_open(place + ${k}u, scale);
      } else {
        settled++;
        saturated += beyond;
        let own = magnitude_of(x${k});
        let error = abs(exact_difference(own, found.size));
        ${countCodes(k)}
        ${countFour(k, `x${k}`, "own", "found.size")}
      }
    }`;

/**
 * Counts of values beyond the ends by two steep steps, on either side of what a quotient is off by: where both count the
 * same nothing lies between.
 */
export const beyondWgsl = ({ symmetric }: LeanText) => `
const STEEP = 0x1p60f;
fn beyond_ends(x: vec4<f32>, quotient: vec4<f32>) -> vec2<f32> {
  let size = abs(quotient);
  ${
    symmetric
      ? `let surely = vec4<f32>(lean.surely_above);
  let perhaps = vec4<f32>(lean.perhaps_above);`
      : `let negative = x < vec4<f32>();
  let surely = select(vec4<f32>(lean.surely_above), vec4<f32>(lean.surely_below), negative);
  let perhaps = select(vec4<f32>(lean.perhaps_above), vec4<f32>(lean.perhaps_below), negative);`
  }
  return vec2<f32>(sum_within(saturate(float_add_product(size, vec4<f32>(STEEP), surely))),
                   sum_within(saturate(float_add_product(size, vec4<f32>(STEEP), perhaps))));
}`;

/** All that a thread's row adds, where blocks were rotated: those with anything open stay open as a whole. */
export const measureTurned = ({ turned, element }: LeanText) => `
    ${each(
      fours,
      (k) => `var found${k} = quantize(x${k}, lane);
    if (lane.usable && any(found${k}.open)) { found${k} = resolved(x${k}, found${k}, lane.scale); }`,
    )}
    var doubtful = left_out || !lane.usable || !measurable || any(${anyOf((k) => `found${k}.open`)});
    var beyond = 0.0;
    if (lane.near_end) {
      ${each(
        fours,
        (k) => `let perhaps${k} = beyond_ends(x${k}, found${k}.quotient);
      if (perhaps${k}.x == perhaps${k}.y) { beyond += perhaps${k}.x; }
      else { beyond += count_beyond(x${k}, lane.scale); }`,
      )}
    }
    let back = turned(thread, Turned(${fours.map((k) => (element === "table" ? `found${k}.size` : `signed_as(found${k}.size, x${k})`)).join(", ")}));
    ${each(
      fours,
      (k) => `let result${k} = flipped(back.v${k}, flips${k});
    let error${k} = abs(turn_differences(own${k}, result${k}));
    doubtful = doubtful || any(bitcast<vec4<u32>>(error${k}) - vec4<u32>(1u) < vec4<u32>(lean.least_error - 1u));`,
    )}
    let first_of_block = (thread & ${turnThreads(turned) - 1}u) == 0u;
    let stays_open = most_of(thread, select(0u, 1u, doubtful && inside), 1u, ${turnThreads(turned)}u) != 0u;
    var listed = 0u;
    if (stays_open && first_of_block) { listed = atomicAdd(&open[0], ${turned / 4}u); }
    listed = most_of(thread, listed, 1u, ${turnThreads(turned)}u);
    if (stays_open) {
      listed += ${fours.length}u * (thread & ${turnThreads(turned) - 1}u);
      ${each(fours, (k) => `list_open(listed + ${k}u, place + ${k}u, scale);`)}
    } else if (inside) {
      saturated += beyond;
      ${each(
        fours,
        (k) => `{
        settled++;
        let found = found${k};
        let error = error${k};
        ${countCodes(k)}
        ${countFour(k, `own${k}`, `own${k}`, `result${k}`)}
      }`,
      )}
    }`;

/** All that a thread's row adds where results are given. */
export const measureGiven = each(
  fours,
  (k) => `
    if (inside) {
      let at = 4u * (place + ${k}u);
      let result = bitcast<vec4<f32>>(vec4<u32>(scales[at], scales[at + 1u], scales[at + 2u], scales[at + 3u]));
      let error = abs(turn_differences(x${k}, result));
      let error_bits = bitcast<vec4<u32>>(error);
      let result_size = bitcast<vec4<u32>>(result) & vec4<u32>(MAGNITUDE);
      // A subnormal result of a zero is an error that a GPU may not see.
      let odd = (error_bits - vec4<u32>(1u) < vec4<u32>(lean.least_error - 1u)) |
        (error_bits >= vec4<u32>((lean.error_key + ${ERROR_KEYS}u) << 21u)) |
        (result_size - vec4<u32>(1u) < vec4<u32>(0x7fffffu)) | (result_size > vec4<u32>(MOST_MODERATE));
      if (!usable || any(odd)) {
        leave_open(place + ${k}u, 0u);
      } else {
        settled++;
        ${countFour(k, `x${k}`, `x${k}`, "result")}
      }
    }`,
);
