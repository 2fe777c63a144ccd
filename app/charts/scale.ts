/**
 * Straight and logarithmic scales, called and set as d3's are. d3's own bring colours, formats and interpolation of any
 * two things along, for which the page would load ten kilobytes before its first figure.
 */
import { tickIncrement, ticks } from "d3";

type Ends = [number, number];

export interface Scale {
  (x: number): number;
  invert(y: number): number;
  domain(): Ends;
  domain(ends: readonly [number, number]): Scale;
  range(): Ends;
  range(ends: readonly [number, number]): Scale;
  /** Whether what lies outside of the domain goes to its ends. */
  clamp(on: boolean): Scale;
}

export interface LinearScale extends Scale {
  domain(): Ends;
  domain(ends: readonly [number, number]): LinearScale;
  range(): Ends;
  range(ends: readonly [number, number]): LinearScale;
  clamp(on: boolean): LinearScale;
  /** Moves the ends of the domain out to round values. */
  nice(count: number): LinearScale;
  /** Round values of the domain, about so many. */
  ticks(count: number): number[];
}

const within = (x: number, [a, b]: Ends): number => Math.max(Math.min(a, b), Math.min(Math.max(a, b), x));

/** From one pair of ends to the other. The middle where the first two are equal, as in d3. */
function between(x: number, from: Ends, to: Ends): number {
  const falls = from[1] < from[0];
  const [from0, from1] = falls ? [from[1], from[0]] : from;
  const [to0, to1] = falls ? [to[1], to[0]] : to;
  const span = from1 - from0;
  const t = span ? (x - from0) / span : Number.isNaN(span) ? Number.NaN : 0.5;
  return to0 * (1 - t) + to1 * t;
}

/** The ends of a domain moved out to round values, as d3's scales do it. */
function roundEnds([a, b]: Ends, count: number): Ends {
  let [start, stop] = a <= b ? [a, b] : [b, a];
  let before = Number.NaN;
  for (let turn = 0; turn < 10; turn++) {
    const step = tickIncrement(start, stop, count);
    if (step === before) return a <= b ? [start, stop] : [stop, start];
    if (step > 0) [start, stop] = [Math.floor(start / step) * step, Math.ceil(stop / step) * step];
    else if (step < 0) [start, stop] = [Math.ceil(start * step) / step, Math.floor(stop * step) / step];
    else break;
    before = step;
  }
  return [a, b];
}

function scale(forth: (x: number) => number, back: (x: number) => number): LinearScale {
  let [domain, range, clamped]: [Ends, Ends, boolean] = [[0, 1], [0, 1], false];
  const bent = (): Ends => [forth(domain[0]), forth(domain[1])];
  const self = ((x: number) => between(forth(clamped ? within(x, domain) : x), bent(), range)) as LinearScale;
  self.invert = (y) => {
    const x = back(between(y, range, bent()));
    return clamped ? within(x, domain) : x;
  };
  self.domain = ((ends?: Ends) => {
    if (!ends) return [...domain];
    domain = [...ends];
    return self;
  }) as LinearScale["domain"];
  self.range = ((ends?: Ends) => {
    if (!ends) return [...range];
    range = [...ends];
    return self;
  }) as LinearScale["range"];
  self.clamp = (on) => {
    clamped = on;
    return self;
  };
  self.nice = (count) => self.domain(roundEnds(domain, count));
  self.ticks = (count) => ticks(domain[0], domain[1], count);
  return self;
}

const same = (x: number): number => x;

export const scaleLinear = (): LinearScale => scale(same, same);

/** For domains above zero. */
export const scaleLog = (): Scale => scale(Math.log, Math.exp);
