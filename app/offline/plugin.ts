/** The build's part of working offline: the service worker with the list of the files it keeps. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { type Plugin, transformWithOxc } from "vite";

const script = fileURLToPath(new URL("./service-worker.ts", import.meta.url));
const OUTPUT = "service-worker.js";

/** Writes `service-worker.js` beside a build that has been written. */
export function offline(): Plugin {
  return {
    name: "quantscope-offline",
    apply: "build",
    async writeBundle({ dir }) {
      if (!dir) return;
      const all = filesIn(dir).filter((path) => path !== OUTPUT && !path.endsWith(".map"));
      // A sample of several files is a model: large, and not everybody's.
      const whenOpened = all.filter((path) => /^samples\/[^/]+\//.test(path));
      const samples = all.filter((path) => path.endsWith(".safetensors") && !whenOpened.includes(path));
      const files = all.filter((path) => !samples.includes(path) && !whenOpened.includes(path));
      const samplesVersion = digest(dir, [...samples, ...whenOpened]);
      const kept = { version: digest(dir, files), files, samplesVersion, samples, whenOpened };
      const { code } = await transformWithOxc(readFileSync(script, "utf8"), script);
      writeFileSync(join(dir, OUTPUT), `const KEPT = ${JSON.stringify(kept)};\n${code}`);
    },
  };
}

function filesIn(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .sort();
}

function digest(dir: string, paths: readonly string[]): string {
  const hash = createHash("sha256");
  for (const path of paths) hash.update(`${path}\n`).update(readFileSync(join(dir, path)));
  return hash.digest("hex").slice(0, 16);
}
