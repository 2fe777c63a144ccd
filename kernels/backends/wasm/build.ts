/**
 * Compiles the AssemblyScript kernels into `generated/bytes.ts`, the module's bytes, deflated, in base64: it loads alike in
 * Node, in tests and in a bundled worker under any path, and base64 of what is not deflated compresses a third worse. Run by `npm run wasm`; does nothing where the sources have not changed.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { deflateRawSync } from "node:zlib";

const folder = fileURLToPath(new URL(".", import.meta.url));
const root = join(folder, "../../..");
const target = join(folder, "generated/bytes.ts");

/** What the module is made from; while it is unchanged, so is the module. */
function stamp(): string {
  const hash = createHash("sha256");
  const sources = readdirSync(join(folder, "assembly"))
    .filter((name) => name.endsWith(".ts"))
    .sort();
  for (const name of sources) hash.update(name).update(readFileSync(join(folder, "assembly", name)));
  for (const file of [
    "kernels/backends/wasm/build.ts",
    "kernels/backends/wasm/fields.ts",
    "asconfig.json",
    "node_modules/assemblyscript/package.json",
  ]) {
    hash.update(readFileSync(join(root, file)));
  }
  return hash.digest("hex");
}

async function build(): Promise<void> {
  const wanted = `// Made by kernels/backends/wasm/build.ts from ${stamp()}`;
  if (existsSync(target) && readFileSync(target, "utf8").startsWith(wanted)) return;
  const asc = await import("assemblyscript/asc");
  const outFile = "kernels/backends/wasm/generated/kernels.wasm";
  mkdirSync(join(folder, "generated"), { recursive: true });
  const entry = "kernels/backends/wasm/assembly/index.ts";
  const { error, stderr } = await asc.main([entry, "--baseDir", root, "--target", "release", "--outFile", outFile]);
  if (error) throw new Error(`${stderr.toString()}\n${error.message}`);
  const bytes = deflateRawSync(readFileSync(join(root, outFile)), { level: 9 });
  rmSync(join(root, outFile));
  writeFileSync(target, `${wanted}\nexport const deflated =\n  "${bytes.toString("base64")}";\n`);
}

await build();
