import { ArchitectureError } from "../types.ts";

/** What a config says, by its keys. A value of null is as good as absent. */
export class Fields {
  readonly #of: string;
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(of: string, values: Readonly<Record<string, unknown>>) {
    this.#of = of;
    this.#values = values;
  }

  /** The first of these keys that has a value. */
  any(...names: string[]): unknown {
    return names.map((name) => this.#values[name]).find((value) => value !== undefined && value !== null);
  }

  /** Throws where none of the keys has a finite number and there is nothing to fall back to. */
  number(names: string | string[], fallback?: number): number {
    const keys = [names].flat();
    const value = this.any(...keys) ?? fallback;
    if (typeof value !== "number" || !Number.isFinite(value)) {
      if (value === undefined) throw new ArchitectureError(`The config of this ${this.#of} does not say ${keys[0]}.`);
      throw this.wrong(keys[0], value, "a number");
    }
    return value;
  }

  /** A whole number from `least` on. */
  whole(names: string | string[], fallback?: number, least = 1): number {
    const value = this.number(names, fallback);
    if (!Number.isInteger(value) || value < least || value > 2 ** 31) {
      throw this.wrong([names].flat()[0], value, `a whole number from ${least} on`);
    }
    return value;
  }

  /** A whole number, or null where nothing is said. */
  wholeOrNull(name: string): number | null {
    return this.any(name) === undefined ? null : this.whole(name);
  }

  numberOrNull(name: string): number | null {
    return this.any(name) === undefined ? null : this.number(name);
  }

  flag(name: string, fallback: boolean): boolean {
    const value = this.any(name) ?? fallback;
    if (typeof value !== "boolean") throw this.wrong(name, value, "true or false");
    return value;
  }

  text(names: string | string[], fallback?: string): string {
    const keys = [names].flat();
    const value = this.any(...keys) ?? fallback;
    if (value === undefined) throw new ArchitectureError(`The config of this ${this.#of} does not say ${keys[0]}.`);
    if (typeof value !== "string") throw this.wrong(keys[0], value, "a word");
    return value;
  }

  /** A list with one entry a layer; null where nothing is said. */
  list(name: string, length: number): unknown[] | null {
    const value = this.any(name);
    if (value === undefined) return null;
    if (!Array.isArray(value) || value.length < length) throw this.wrong(name, value, `a list of ${length}`);
    return value;
  }

  /** What is written as an object; null where nothing is said. */
  inner(name: string): Fields | null {
    const value = this.any(name);
    if (value === undefined) return null;
    if (typeof value !== "object" || Array.isArray(value)) throw this.wrong(name, value, "an object");
    return new Fields(this.#of, value as Record<string, unknown>);
  }

  wrong(name: string, value: unknown, wanted: string): ArchitectureError {
    const written = JSON.stringify(value)?.slice(0, 60);
    return new ArchitectureError(
      `The config of this ${this.#of} has ${name} = ${written}, where ${wanted} is expected.`,
    );
  }

  /** What no code here does. */
  refuse(what: string): ArchitectureError {
    return new ArchitectureError(
      `This ${this.#of} ${what}, which is not done here: its weights can be explored, not run.`,
    );
  }
}
