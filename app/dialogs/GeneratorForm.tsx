/** Numbers drawn from a distribution, seeded: the same on every machine. */
import { useEffect, useState } from "react";
import type { GeneratorInfo, GeneratorSpec } from "../../workers/sources/spec.ts";
import { track } from "../state/busy.ts";
import { withSource } from "../state/experiment.ts";
import { messageOf } from "../state/notices.ts";
import { useExperiment, useWorkbench } from "../state/workbench.ts";
import { takeFocus } from "./focus.ts";

const MOST_ELEMENTS = 2 ** 26;

export function GeneratorForm({ onDone }: { onDone: () => void }) {
  const { client, timeline } = useWorkbench();
  const before = useExperiment((e) => (e.source.kind === "generator" ? e.source.generator : null));
  const [generators, setGenerators] = useState<GeneratorInfo[]>([]);
  const [problem, setProblem] = useState<string | null>(null);
  const [spec, setSpec] = useState<GeneratorSpec | null>(before);
  useEffect(() => {
    track(client.call("generators", {}))
      .then((list) => {
        setGenerators(list);
        setSpec((now) => now ?? (list[0] ? firstSpec(list[0], null) : null));
      })
      .catch((error) => setProblem(messageOf(error)));
  }, [client]);

  const info = generators.find((g) => g.name === spec?.name);
  if (problem) return <p role="alert">{problem}</p>;
  if (!spec || !info) return <p className="m-0 text-muted">Loading…</p>;
  const tooMany = spec.rows * spec.cols > MOST_ELEMENTS;
  const number = (label: string, value: number, set: (value: number) => GeneratorSpec, limits: Limits) => (
    <label className="flex flex-col" key={label}>
      <span className="label">{label}</span>
      <input
        type="number"
        className="field w-28"
        aria-label={label}
        value={Number.isNaN(value) ? "" : value}
        min={limits.min}
        max={limits.max}
        step={limits.step}
        required
        onChange={(event) => setSpec(set(event.currentTarget.valueAsNumber))}
      />
    </label>
  );
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        timeline.change((e) => withSource(e, { kind: "generator", generator: spec }));
        onDone();
      }}
    >
      <label className="flex flex-col">
        <span className="label">Distribution</span>
        <select
          className="field"
          aria-label="Distribution"
          ref={takeFocus}
          value={spec.name}
          onChange={(event) => {
            const next = generators.find((g) => g.name === event.currentTarget.value);
            if (next) setSpec(firstSpec(next, spec));
          }}
        >
          {generators.map((g) => (
            <option key={g.name} value={g.name}>
              {g.label}
            </option>
          ))}
        </select>
        <span className="pt-1 text-muted text-xs">{info.describe}</span>
      </label>
      <div className="flex flex-wrap gap-2">
        {number("Rows", spec.rows, (rows) => ({ ...spec, rows }), { min: 1, max: 65536, step: 1 })}
        {number("Columns", spec.cols, (cols) => ({ ...spec, cols }), { min: 1, max: 65536, step: 1 })}
        {number("Seed", spec.seed, (seed) => ({ ...spec, seed }), { min: 0, max: 4294967295, step: 1 })}
        {info.params.map((p) =>
          number(
            `${p.label[0].toUpperCase()}${p.label.slice(1)}`,
            spec.params[p.key] ?? p.default,
            (value) => ({ ...spec, params: { ...spec.params, [p.key]: value } }),
            { min: p.min, max: p.max, step: "any" },
          ),
        )}
      </div>
      {tooMany && (
        <p role="alert" className="m-0 text-bad">
          {(spec.rows * spec.cols).toLocaleString("en")} numbers are too many; the limit is{" "}
          {MOST_ELEMENTS.toLocaleString("en")}.
        </p>
      )}
      <button type="submit" className="btn btn-main self-end" disabled={tooMany}>
        Generate
      </button>
    </form>
  );
}

interface Limits {
  min: number;
  max: number;
  step: number | "any";
}

/** The generator with its own defaults, of the size and seed there were. */
function firstSpec(info: GeneratorInfo, before: GeneratorSpec | null): GeneratorSpec {
  const params = Object.fromEntries(info.params.map((p) => [p.key, p.default]));
  return { name: info.name, rows: before?.rows ?? 256, cols: before?.cols ?? 512, seed: before?.seed ?? 0, params };
}
