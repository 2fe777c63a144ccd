/** Modules that were opened in this browser, by their SHA-256, for the page and every worker of it. */

const DATABASE = "quantscope-modules";
const STORE = "modules";

function openStore(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.addEventListener("upgradeneeded", () => request.result.createObjectStore(STORE));
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error));
  });
}

async function inStore<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await openStore();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const request = work(transaction.objectStore(STORE));
      transaction.addEventListener("complete", () => resolve(request.result));
      transaction.addEventListener("abort", () => reject(transaction.error));
    });
  } finally {
    database.close();
  }
}

/** Keeps the bytes under their name. Rejects where the browser keeps nothing for this page. */
export const keepModule = async (digest: string, bytes: Uint8Array): Promise<void> => {
  await inStore("readwrite", (store) => store.put(bytes, digest));
};

/** The bytes of a module, or null where it was not opened here. */
export const keptModule = async (digest: string): Promise<Uint8Array | null> =>
  ((await inStore("readonly", (store) => store.get(digest))) as Uint8Array | undefined) ?? null;
