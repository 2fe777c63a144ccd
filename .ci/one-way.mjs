// Imports go one way between folders, on every level: what two folders that lie side by side both need lies below them.
// Prints every ring and fails where there is one. Tests may look at everything.
// Not dependency-cruiser: it reads TSX only through the API of TypeScript 5, which 7 does not have.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, sep } from "node:path";

const FLOORS = ["app", "workers", "kernels"];
const FOR_TESTS = /\.test\.tsx?$|-for-test|\/(for-test|testing|generated|assembly)\//;
const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*"(\.{1,2}\/[^"]+)"/g;

const files = FLOORS.flatMap((floor) =>
  readdirSync(floor, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) =>
      join(entry.parentPath ?? entry.path, entry.name)
        .split(sep)
        .join("/"),
    )
    .filter((file) => !FOR_TESTS.test(file)),
);

/** From folder to folder beside it, with one import that says so. */
const edges = new Map();
for (const file of files) {
  for (const [, target] of readFileSync(file, "utf8").matchAll(IMPORT)) {
    const [from, to] = [file.split("/"), normalize(join(dirname(file), target)).split("/")];
    const shared = from.findIndex((part, i) => part !== to[i]);
    // A file that lies in the folder which holds the other's belongs to both levels: `steps/index.ts` lists `steps/ht/`.
    if (shared < 0 || shared >= from.length - 1 || shared >= to.length - 1) continue;
    const [a, b] = [from, to].map((path) => path.slice(0, shared + 1).join("/"));
    if (!edges.has(a)) edges.set(a, new Map());
    if (!edges.get(a).has(b)) edges.get(a).set(b, `${file} imports ${to.join("/")}`);
  }
}

/** The shortest way from one folder back to itself, or null. */
function ring(start) {
  const cameFrom = new Map();
  const queue = [start];
  for (const folder of queue) {
    for (const next of edges.get(folder)?.keys() ?? []) {
      if (next === start) {
        const way = [folder];
        while (way[0] !== start) way.unshift(cameFrom.get(way[0]));
        return way;
      }
      if (!cameFrom.has(next)) queue.push(next);
      if (!cameFrom.has(next)) cameFrom.set(next, folder);
    }
  }
  return null;
}

const rings = new Map();
for (const folder of [...edges.keys()].sort()) {
  const way = ring(folder);
  if (way && !rings.has([...way].sort().join())) rings.set([...way].sort().join(), way);
}
for (const way of rings.values()) {
  console.error(`${[...way, way[0]].join(" -> ")}`);
  for (const [i, folder] of way.entries()) console.error(`  ${edges.get(folder).get(way[(i + 1) % way.length])}`);
}
if (rings.size > 0) {
  console.error(`${rings.size} rings of folders that import each other`);
  process.exit(1);
}
console.log(`Imports go one way between the folders of ${files.length} files.`);
