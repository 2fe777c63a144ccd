/** Compiles every module of AssemblyScript whose sources have changed. Run by `npm run wasm`. */
import { compileAssembly } from "./compile.ts";

await compileAssembly("kernels/backends/wasm", ["fields.ts"]);
await compileAssembly("kernels/ggml");
await compileAssembly("kernels/linalg");
await compileAssembly("kernels/codes");
await compileAssembly("kernels/signals/latency");
