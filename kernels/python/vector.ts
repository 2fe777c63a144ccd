import type { VectorCode } from "../codes/vector/plan.ts";
import { storeInPython } from "../steps/program.ts";
import { RANDOM } from "./ladder.ts";
import type { Program } from "./program.ts";

const KMEANS = `
def nearest(v, centres):
    """Index of the centre nearest to each row, the first among equals; squares added in the order of the dimensions."""
    found = np.zeros(len(v), np.int64)
    for part in range(0, len(v), 4096):
        rows_of = slice(part, part + 4096)
        total = 0.0
        for d in range(v.shape[1]):
            total = total + (v[rows_of, d, None] - centres[None, :, d]) ** 2
        found[rows_of] = np.argmin(total, 1)
    return found


def kmeans(v, k, seed):
    step = max(1, len(v) // 2**15)
    v = v[::step]
    v = v[np.isfinite(v).all(1)]
    if len(v) == 0:
        return np.zeros((k, v.shape[1]))
    centres = v[draw(seed, 0x7662, np.arange(k)) % len(v)]
    for _ in range(12):
        own = nearest(v, centres)
        sums, members = np.zeros_like(centres), np.bincount(own, minlength=k)[:, None]
        np.add.at(sums, own, v)
        centres = np.where(members > 0, sums / np.maximum(members, 1), centres)
    return centres
`;

/** The program of a vector code: k-means, then the nearest of the stored centres. Throws RecipeError for books of odd formats. */
export const vectorProgram = ({ dim, k, seed, book }: VectorCode): Program => ({
  functions: [RANDOM, KMEANS],
  constants: [`DIM, K, SEED = ${dim}, ${k}, ${seed}`],
  main: [
    `
vectors = x.reshape(-1, DIM).astype(np.float64)
book = kmeans(vectors, K, SEED).astype(np.float32)
book = ${storeInPython("book", book)}
finite = np.isfinite(vectors).all(1)
own = np.where(finite, nearest(np.where(finite[:, None], vectors, 0), book.astype(np.float64)), 0)
result = np.where(finite[:, None], book[own], vectors.astype(np.float32)).reshape(rows, cols)
codes, scales = np.repeat(own, DIM).reshape(rows, cols), []
`,
  ],
});
