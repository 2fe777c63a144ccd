/**
 * Compiles AssemblyScript into `generated/bytes.ts` beside it: the module's bytes, deflated, in base64. So it loads alike in
 * Node, in tests and in a bundled worker under any path; base64 of what is not deflated compresses a third worse. Node only.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { deflateRawSync } from "node:zlib";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** What the module is made from; while it is unchanged, so is the module. */
function stamp(folder: string, beside: string[]): string {
  const hash = createHash("sha256");
  const sources = readdirSync(join(root, folder, "assembly"))
    .filter((name) => name.endsWith(".ts"))
    .sort();
  for (const name of sources) hash.update(name).update(readFileSync(join(root, folder, "assembly", name)));
  const common = ["kernels/compiled/compile.ts", "asconfig.json", "node_modules/assemblyscript/package.json"];
  for (const file of [...beside.map((name) => `${folder}/${name}`), ...common])
    hash.update(readFileSync(join(root, file)));
  return hash.digest("hex");
}

/**
 * Compiles `assembly/index.ts` of a folder (its path from the project's root), where its sources, or the files `beside` them
 * that they take in, have changed. Throws what the compiler says.
 */
export async function compileAssembly(folder: string, beside: string[] = []): Promise<void> {
  const target = join(root, folder, "generated/bytes.ts");
  const wanted = `// Made by kernels/compiled/compile.ts from ${stamp(folder, beside)}`;
  if (existsSync(target) && readFileSync(target, "utf8").startsWith(wanted)) return;
  const asc = await import("assemblyscript/asc");
  const outFile = `${folder}/generated/kernels.wasm`;
  mkdirSync(join(root, folder, "generated"), { recursive: true });
  const entry = `${folder}/assembly/index.ts`;
  const { error, stderr } = await asc.main([entry, "--baseDir", root, "--target", "release", "--outFile", outFile]);
  if (error) throw new Error(`${stderr.toString()}\n${error.message}`);
  const bytes = deflateRawSync(readFileSync(join(root, outFile)), { level: 9 });
  rmSync(join(root, outFile));
  writeFileSync(target, `${wanted}\nexport const deflated =\n  "${bytes.toString("base64")}";\n`);
}
