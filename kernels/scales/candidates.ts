/**
 * Which stored scales `~mse` tries for a block, in which order, and which of them cannot be best and are passed over.
 *
 * Levels outside the scale of the elements stand first, as the plain rule finds them from the largest magnitudes. Under
 * them the search goes through what the scale of a block may be stored as: every code of a format of at most 256 codes;
 * of a wider one the scale of the plain rule times 1 - ih down to `least` and times 1 + ih up to `most`, h = (1 - least)/grid,
 * and the powers of two among which ~mx's rules choose. The plain rule's own scale is tried first, then smaller ones, the
 * nearest first, then larger ones, the nearest first, and codes of the other sign last (only the signed maximum has
 * those). The first of equals wins, so that nothing changes without a gain. For affine formats see `zeros`.
 */
import { exponentOf } from "../exact/bits.ts";
import type { ElementSpec, Plan, ScaleLevel } from "../plan/plan.ts";
import { decidingOf, isNearest, isRandom } from "../rounding/modes/index.ts";
import { rangeOf } from "./ideal.ts";
import type { Outside } from "./resolve.ts";
import { product, saturate } from "./round.ts";
import { powersFrom } from "./shared-exponent.ts";
import type { BlockStatistics } from "./statistics.ts";
import { type Store, storeOf } from "./store.ts";
import { searchesCodes, searchOf, stepsAbove } from "./tried.ts";
import { zeroPointOf } from "./zero-point.ts";

/** How much float32 arithmetic may be off, generously. */
const LESS = 1 - 2 ** -20;
const MORE = 1 + 2 ** -20;
const TINY = 2 ** -140;

/** Takes a candidate as it is stored and as it is in force; false ends the listing. */
export type Visit = (stored: number, scale: number) => boolean;

/** The candidates of a plan's blocks, one block after the other. */
export class Candidates {
  /** The plain rule's own, as it is stored and in force. */
  stored = 0;
  scale = 0;
  /** Whether a larger ideal never is a smaller stored scale: not where scales are rounded at random. */
  readonly monotone: boolean;
  readonly #plan: Plan;
  readonly #level: ScaleLevel;
  readonly #stats: BlockStatistics;
  readonly #outside: Outside | null;
  readonly #store: Store;
  /** Codes in ascending order: of what is above zero, and of what is below by magnitude; all of them where scales are offset. */
  readonly #codes: Codes;
  readonly #opposite: Codes;
  /** Largest and least magnitude of a level; below `#allZero` times the scale every value becomes zero. */
  readonly #reach: number;
  readonly #floor: number;
  readonly #allZero: number;
  #block = 0;
  #over = 1;
  /** What the scale in force should be by the plain rule. */
  #ideal = 0;

  /** @param outside null where the scales of the elements are neither scaled themselves nor moved */
  constructor(plan: Plan, stats: BlockStatistics, outside: Outside | null) {
    const [level] = plan.levels;
    this.#plan = plan;
    this.#level = level;
    this.#stats = stats;
    this.#outside = outside;
    this.#store = storeOf(level, 0);
    this.monotone = !isRandom(level.rounding.mode);
    const all = searchesCodes(level) ? level.ladder!.levels : new Float64Array(0);
    const codes = all.filter((v) => v === 0 || Math.abs(v) >= level.least);
    const offset = level.offset === "mean";
    this.#codes = new Codes(offset ? codes : codes.filter((v) => v >= 0));
    this.#opposite = new Codes(offset ? codes.slice(0, 0) : codes.filter((v) => v < 0).reverse());
    const { ladder, affine } = plan.element;
    this.#reach = affine ? ladder!.levels[ladder!.levels.length - 1] + 1 : ladder!.maxAbs;
    this.#floor = affine ? 0 : ladder!.levels.reduce((least, v) => Math.min(least, Math.abs(v)), Infinity);
    this.#allZero = zeroBelow(plan.element);
  }

  /** Turns to a block and finds the plain rule's own scale. */
  begin(block: number): void {
    this.#block = block;
    const over = this.#outside?.over(block) ?? 1;
    if (over !== this.#over || this.#codes.scales.length < this.#codes.stored.length) {
      this.#over = over;
      const inForce = (stored: number) => this.#inForce(stored);
      this.#codes.scale(inForce);
      this.#opposite.scale(inForce);
    }
    const { offset } = this.#level;
    let { hi, lo } = this.#numerator();
    let { divisor } = this.#level;
    this.#ideal = (hi + lo) / divisor;
    if (offset === "mean") {
      hi = Math.fround(Math.fround((hi + lo) / divisor) - (this.#outside?.offset ?? 0));
      [lo, divisor] = [0, 1];
    }
    if (over === 0) this.stored = this.#store(0, 0, 1, block);
    else this.stored = this.#store(hi, lo, divisor * over, block);
    this.scale = this.#inForce(this.stored);
  }

  /** Scales above the plain rule's, ascending, up to one that makes every value zero. */
  above(visit: Visit): void {
    if (this.#over === 0) return;
    const { factors } = searchOf(this.#plan);
    if (factors) {
      for (const stored of factors.map((factor) => this.#at(factor))) {
        if (stored !== this.stored && !visit(stored, this.#inForce(stored))) return;
      }
      return;
    }
    if (searchesCodes(this.#level)) {
      const codes = this.#own();
      this.#ascending(codes, codes.firstAbove(codes === this.#opposite ? -this.stored : this.stored), visit);
      return;
    }
    const search = searchOf(this.#plan);
    if (!this.#powers(visit)) return;
    const steps = stepsAbove(search);
    const h = (1 - search.least) / search.grid;
    for (let i = 1, last = this.#again(); i <= steps; i++) {
      const stored = this.#at(1 + i * h);
      if (stored !== last && stored !== 0 && !visit(stored, this.#inForce(stored))) return;
      last = stored;
    }
  }

  /** Scales below the plain rule's, descending. */
  below(visit: Visit): void {
    if (this.#over === 0 || searchOf(this.#plan).factors) return;
    if (searchesCodes(this.#level)) {
      const codes = this.#own();
      const own = codes === this.#opposite ? -this.stored : this.stored;
      for (let i = codes.firstAbove(own) - 1; i >= 0; i--) {
        const scale = codes.scales[i];
        // The plain rule's own was tried, but for other zero points.
        if (codes.sizes[i] === own && !this.#plan.element.affine) continue;
        if (this.#level.offset === "mean" && scale <= 0) return;
        if (!visit(codes.stored[i], scale)) return;
      }
      return;
    }
    const { grid, least } = searchOf(this.#plan);
    for (let i = 1, last = this.#again(); i <= grid; i++) {
      const stored = this.#at(1 - (i * (1 - least)) / grid);
      if (stored !== last && stored !== 0 && !visit(stored, this.#inForce(stored))) return;
      last = stored;
    }
  }

  /** Codes of the other sign, ascending in magnitude, for the signed maximum. */
  opposite(visit: Visit): void {
    if (this.#over === 0 || this.#level.divisor > 0 || !searchesCodes(this.#level)) return;
    const codes = this.#own() === this.#opposite ? this.#codes : this.#opposite;
    this.#ascending(codes, codes.firstAbove(0), visit);
  }

  /** Some value's error under this scale and every smaller one is larger than this. */
  errorBelow(scale: number): number {
    const size = Math.abs(scale) * MORE * this.#reach;
    const { amax, min, max } = this.#stats;
    if (!this.#plan.element.affine) return amax[this.#block] * LESS - size - TINY;
    // Results span no more than all codes: one end of the values is off by half of what is missing.
    return holdsZero(this.#plan.element) ? ((max[this.#block] - min[this.#block]) * LESS - size) / 2 - TINY : 0;
  }

  /** The same for this scale and every larger one: without a zero every result is as large as the least level. */
  errorAbove(scale: number): number {
    return this.#floor === 0 ? 0 : this.#floor * Math.abs(scale) * LESS - this.#stats.amax[this.#block] * MORE - TINY;
  }

  /** The zero point that goes with the plain rule's scale. */
  zero(): number {
    return zeroPointOf(this.#plan, this.#stats.min[this.#block], this.scale);
  }

  /**
   * The zero points that are tried with a scale: that of both ends of the values clipped in proportion; where scales are
   * searched code by code, and their steps are wide, its two neighbours as well.
   */
  zeros(scale: number): number[] {
    const low = this.#stats.min[this.#block];
    const middle = zeroPointOf(this.#plan, low * (scale / this.#ideal), scale);
    if (scale === 0 || !searchesCodes(this.#level)) return [middle];
    const most = this.#plan.element.integer!.max;
    const around = [middle - 1, middle + 1].filter((z) => z >= 0 && z <= most);
    return [middle, ...around.map((z) => zeroPointOf(this.#plan, -z * scale, scale))];
  }

  #numerator(): { hi: number; lo: number } {
    const { amax, signed, min, max } = this.#stats;
    if (this.#plan.element.affine) return rangeOf(min[this.#block], max[this.#block]);
    return { hi: signed.length > 0 ? signed[this.#block] : amax[this.#block], lo: 0 };
  }

  /** The codes that have the sign of the plain rule's scale. */
  #own(): Codes {
    return this.#level.offset === "none" && this.#ideal < 0 ? this.#opposite : this.#codes;
  }

  #ascending({ sizes, stored, scales }: Codes, from: number, visit: Visit): void {
    const amax = this.#stats.amax[this.#block];
    for (let i = from; i < sizes.length; i++) {
      if (!visit(stored[i], scales[i])) return;
      // All that follow cost the same: nothing is left but zeros.
      if (amax < this.#allZero * Math.abs(scales[i]) * LESS) return;
    }
  }

  /** The stored scale nearest to a multiple of the ideal one. */
  #at(factor: number): number {
    return this.#store((this.#ideal * factor - (this.#outside?.offset ?? 0)) / this.#over, 0, 1, this.#block);
  }

  /** The plain rule's scale, which was tried; with another zero point it may come again. */
  #again(): number {
    return this.#plan.element.affine ? Number.NaN : this.stored;
  }

  /** The powers of two among which the rules of ~mx choose. */
  #powers(visit: Visit): boolean {
    const top = powersFrom(this.#plan.element, this.#level);
    if (!top) return true;
    const power = 2 ** (exponentOf(this.#stats.amax[this.#block]) - top.exponent);
    for (let k = 0, size = power; k < top.count; k++, size *= 2) {
      const stored = this.#store(size, 0, this.#over, this.#block);
      if (stored !== 0 && stored !== this.stored && !visit(stored, this.#inForce(stored))) return false;
    }
    return true;
  }

  #inForce(stored: number): number {
    const outside = this.#outside;
    if (!outside) return saturate(Math.fround(stored));
    return Math.fround(product(stored, this.#over) + outside.offset);
  }
}

/** Codes of a scale in the order of their size: their values, their magnitudes (or values with a sign), their scales in force. */
class Codes {
  readonly stored: Float64Array;
  readonly sizes: Float64Array;
  scales = new Float32Array(0);

  constructor(stored: Float64Array) {
    this.stored = stored;
    // Those of one sign below zero come with the least magnitude first.
    this.sizes = stored.length > 0 && stored[stored.length - 1] < 0 ? stored.map((v) => -v) : stored;
  }

  scale(inForce: (stored: number) => number): void {
    this.scales = Float32Array.from(this.stored, inForce);
  }

  /** Index of the first code larger than this. */
  firstAbove(size: number): number {
    let [lo, hi] = [0, this.sizes.length];
    while (lo < hi) {
      const middle = (lo + hi) >> 1;
      if (this.sizes[middle] <= size) lo = middle + 1;
      else hi = middle;
    }
    return lo;
  }
}

/** Whether a zero point always lies on a code, so that zero is a result. */
function holdsZero({ zeroPoint }: ElementSpec): boolean {
  return zeroPoint!.format.kind === "integer" || zeroPoint!.format.kind === "identity";
}

/** The quotient below which every value becomes zero; 0 where there is none, or where that is not certain. */
export function zeroBelow(element: ElementSpec): number {
  const { ladder, affine, middles, rounding } = element;
  const nearest = isNearest(rounding.mode) || isRandom(rounding.mode);
  const least = (values: Float64Array) =>
    values.reduce((found, v) => (v === 0 ? found : Math.min(found, Math.abs(v))), Infinity);
  if (affine) return nearest && holdsZero(element) ? 0.5 : 0;
  if (ladder!.zero < 0) return 0;
  if (nearest) return least(middles);
  const deciding = decidingOf(rounding.mode);
  const towardZero =
    deciding.by === "side" && [true, false].every((odd) => deciding.up(true, odd) && !deciding.up(false, odd));
  return towardZero ? least(ladder!.levels) : 0;
}
