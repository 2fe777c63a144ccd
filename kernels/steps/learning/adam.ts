/** Adam (Kingma and Ba, arXiv 1412.6980) over a vector of parameters, in float64. */
export class Adam {
  readonly #rate: number;
  #first: Float64Array;
  #second: Float64Array;
  #powers = [1, 1];
  /** What the means are divided by, turned around: they begin at zero. */
  #firstBy = 1;
  #secondBy = 1;

  constructor(size: number, rate: number) {
    this.#rate = rate;
    this.#first = new Float64Array(size);
    this.#second = new Float64Array(size);
  }

  /** Begins the next step; `move` is then asked once for each parameter that has a gradient. */
  next(): void {
    this.#powers = [this.#powers[0] * FIRST, this.#powers[1] * SECOND];
    [this.#firstBy, this.#secondBy] = this.#powers.map((power) => 1 / (1 - power));
  }

  /** Goes on with these parameters alone, by their places so far. */
  keep(kept: Uint32Array): void {
    this.#first = Float64Array.from(kept, (k) => this.#first[k]);
    this.#second = Float64Array.from(kept, (k) => this.#second[k]);
  }

  /** Moves all parameters: the loop is here so that engines keep its numbers in registers. */
  moveAll(values: Float64Array, gradients: Float64Array): void {
    const [first, second] = [this.#first, this.#second];
    const [rate, firstBy, secondBy] = [-this.#rate, this.#firstBy, this.#secondBy];
    for (let i = 0; i < values.length; i++) {
      const g = gradients[i];
      const m = FIRST * first[i] + (1 - FIRST) * g;
      const v = SECOND * second[i] + (1 - SECOND) * g * g;
      first[i] = m;
      second[i] = v;
      values[i] += (rate * (m * firstBy)) / (Math.sqrt(v * secondBy) + 1e-12);
    }
  }

  /** What is added to parameter i for its gradient. */
  move(i: number, gradient: number): number {
    const first = FIRST * this.#first[i] + (1 - FIRST) * gradient;
    const second = SECOND * this.#second[i] + (1 - SECOND) * gradient * gradient;
    this.#first[i] = first;
    this.#second[i] = second;
    return (-this.#rate * (first * this.#firstBy)) / (Math.sqrt(second * this.#secondBy) + 1e-12);
  }
}

const FIRST = 0.9;
const SECOND = 0.999;
