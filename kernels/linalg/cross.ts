import { costs } from "./costs.ts";
import { type Dense, dense, mustBeFinite } from "./dense.ts";
import { ShapeError } from "./errors.ts";
import { lengthOf, place, rangesOf } from "./panels.ts";
import { mustFit, noPace, type Run } from "./run.ts";
import { Team } from "./team.ts";

/** Tokens that are added at once. */
const TOKENS = 256;
/** Where the two sets of tokens lie beside the panels of the sum. */
const BEFORE = -1;
const NOW = -2;

/** X^T X' of token rows that come in pieces, two sets of them beside each other. Every element is the sum over tokens in their order. */
export interface CrossSum {
  /** Adds as many whole rows of each, row-major tokens x cols. Throws ShapeError. */
  add(before: Float32Array, now: Float32Array): Promise<void>;
  /** The sum, cols x cols, not symmetric, and the end of it: memory is given back. Throws NotFinite where a token was not finite. */
  finish(): Promise<Dense>;
  /** Gives memory back where `finish` is not called; harmless afterwards. */
  close(): void;
}

/** Starts the cross moment of `cols` columns. Calls of `add` are awaited one by one. Throws MemoryBudgetError: it takes 16 cols^2 bytes. */
export async function startCross(cols: number, run: Run = {}): Promise<CrossSum> {
  const { bytes, operations } = costs.cross(cols, cols);
  mustFit(`The cross moment of ${cols} columns`, bytes, run);
  const { pace = noPace } = run;
  const team = await Team.open(run, operations, 0);
  const panels = rangesOf(cols);
  const whole = { from: 0, to: cols };
  const owned = team.hosts.map((_, host) => team.ownedBy(host, panels.length));
  let started = false;

  const addPiece = (before: Float32Array, now: Float32Array) =>
    team.all(async (host) => {
      const rows = before.length / cols;
      if (!started) {
        for (const i of owned[host]) await team.send(host, { do: "zeros", id: i, rows: lengthOf(panels[i]), cols });
      }
      await team.send(host, { do: "put", id: BEFORE, rows, cols, values: before });
      await team.send(host, { do: "put", id: NOW, rows, cols, values: now });
      for (const i of owned[host]) {
        const { from } = panels[i];
        await team.send(host, {
          ...{ do: "update", form: "tn", c: i, cCol: 0 },
          ...{ a: BEFORE, aCol: from, b: NOW, bCol: 0, n: cols },
        });
      }
    });

  return {
    async add(before, now) {
      if (before.length !== now.length || before.length % Math.max(1, cols) !== 0) {
        throw new ShapeError(
          `${before.length} and ${now.length} values are not equally many whole rows of ${cols} columns.`,
        );
      }
      for (let at = 0; at < before.length; at += TOKENS * cols) {
        const end = Math.min(before.length, at + TOKENS * cols);
        await addPiece(before.subarray(at, end), now.subarray(at, end));
        started = true;
      }
    },
    async finish() {
      try {
        const sum = dense(cols, cols);
        if (started) {
          await team.all(async (host) => {
            for (const i of owned[host]) place(await team.get(host, i), sum, panels[i], whole);
          });
        }
        await mustBeFinite(sum, "The cross moment", () => pace(0, 0));
        return sum;
      } finally {
        team.close();
      }
    },
    close: () => team.close(),
  };
}
