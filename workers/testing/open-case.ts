import { caseFiles } from "../layouts/cases/read-for-test.ts";
import { type OpenSource, openFiles } from "../sources/open.ts";
import { TensorCache } from "../tensors/cache.ts";

/** For tests: opens one of the small files of `layouts/cases`, or the files of a folder there. */
export const openCase = (name: string): Promise<OpenSource> =>
  openFiles(caseFiles(name), "test", { cache: new TensorCache() });
