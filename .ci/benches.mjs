// Runs every benchmark once at a tiny size: whether they run, not what they measure. WebGPU's on the software adapter.
import { spawnSync } from "node:child_process";

const tsx = (script, ...args) => ["npx", ["tsx", script, ...args]];
const benches = [
  [tsx("kernels/bench/main.ts", "--elements", "8192", "--side", "32", "--solved", "256", "--tensors", "42")],
  [tsx("workers/bench/linalg.ts", "--side", "96")],
  [tsx("kernels/bench/webgpu.ts"), { RECIPES: "nvfp4", SIDE: "128", WALL_SIDE: "64", REPEATS: "2", ROUNDS: "1" }],
  [tsx("kernels/bench/webgpu-sweep.ts"), { RECIPES: "2", SIDE: "128", ROUNDS: "1" }],
  [tsx("kernels/bench/webgpu-equality.ts"), { RUNS: "1", EVERY: "60" }],
  [
    tsx("e2e/bench.ts"),
    { TENSOR: "gen:normal(64x64,seed=1)", RECIPES: "mxfp4", GRID: "(int4,nf4)/(16,32)", FILES: "256" },
  ],
];

for (const [[command, args], env = {}] of benches) {
  const started = Date.now();
  const { status, stdout, stderr } = spawnSync(command, args, { env: { ...process.env, ...env }, encoding: "utf8" });
  const seconds = Math.round((Date.now() - started) / 1000);
  if (status !== 0) {
    console.error(`${args.join(" ")} ended with status ${status} after ${seconds} s:\n${stdout}\n${stderr}`);
    process.exit(1);
  }
  console.log(`${args.join(" ")} ran in ${seconds} s`);
}
