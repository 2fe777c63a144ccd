export { createWasmBackend } from "./backend.ts";
export { loadWasm } from "./module.ts";
