import { spawnSync } from "node:child_process";

/** A port that nobody listens on, as the system gives it. */
function freePort(): string {
  const script =
    'const s=require("node:net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})';
  const { stdout, status } = spawnSync(process.execPath, ["-e", script], { encoding: "utf8" });
  if (status !== 0) throw new Error("no free port found for the page under test: set E2E_PORT to one");
  return stdout.trim();
}

// The processes that run the tests inherit it: all of them must mean the same page. 4173 is what `npm run serve` takes.
process.env.E2E_PORT ??= freePort();

/** Where the page under test is served: under a path, as on a project page of a static host. */
export const pageAddress = new URL(`http://127.0.0.1:${process.env.E2E_PORT}/some/sub-path/`);
