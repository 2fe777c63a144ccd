/** The error of a call that was cancelled. */
export const aborted = (why = "The job was cancelled."): DOMException => new DOMException(why, "AbortError");

/** Settles as `promise` does, or rejects with AbortError when the signal comes first. */
export function abortable<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (!signal) return promise;
  return new Promise<T>((resolve, reject) => {
    const cancel = () => reject(aborted());
    if (signal.aborted) cancel();
    signal.addEventListener("abort", cancel, { once: true });
    const end = () => signal.removeEventListener("abort", cancel);
    promise.then(
      (value) => {
        end();
        resolve(value);
      },
      (error) => {
        end();
        reject(error);
      },
    );
  });
}
