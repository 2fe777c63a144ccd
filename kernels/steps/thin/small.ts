/** Solves a symmetric positive definite k x k system a x = b by Cholesky, in place; directions without a pivot get zero. */
export function solveSmall(a: Float64Array, b: Float64Array, k: number): void {
  for (let i = 0; i < k; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * k + j];
      for (let p = 0; p < j; p++) sum -= a[i * k + p] * a[j * k + p];
      if (i === j) a[i * k + i] = sum > 0 ? Math.sqrt(sum) : 0;
      else a[i * k + j] = a[j * k + j] > 0 ? sum / a[j * k + j] : 0;
    }
  }
  for (let i = 0; i < k; i++) {
    let sum = b[i];
    for (let p = 0; p < i; p++) sum -= a[i * k + p] * b[p];
    b[i] = a[i * k + i] > 0 ? sum / a[i * k + i] : 0;
  }
  for (let i = k - 1; i >= 0; i--) {
    let sum = b[i];
    for (let p = i + 1; p < k; p++) sum -= a[p * k + i] * b[p];
    b[i] = a[i * k + i] > 0 ? sum / a[i * k + i] : 0;
  }
}

/** Added to the diagonal of small systems, as a share of its mean: there may be fewer values than unknowns. */
const RIDGE = 1e-12;

/** The same with as little on the diagonal as keeps it from being singular. */
export function solveRidged(a: Float64Array, b: Float64Array, k: number): void {
  let trace = 0;
  for (let i = 0; i < k; i++) trace += a[i * k + i];
  for (let i = 0; i < k; i++) a[i * k + i] += (RIDGE * trace) / k;
  solveSmall(a, b, k);
}
