import { UserError } from "../../errors/user-error.ts";
import type { CheckpointKind } from "../checkpoint.ts";
import { isLegacyForm, isTarForm, openLegacyForm } from "./legacy-form.ts";
import { isZipForm, openZipForm } from "./zip-form.ts";

/** Files of torch.save. Their pickles are read as data; no code in them is run. Opening reads no tensor. */
export const pytorch: CheckpointKind = {
  kind: "pytorch",
  describe: "PyTorch (.pt, .pth, .bin)",
  match: (context) => isLegacyForm(context.head) || isTarForm(context.head) || isZipForm(context),
  async open(context) {
    if (isTarForm(context.head)) {
      throw new UserError(
        `${context.file.name} is a tar archive as PyTorch wrote it before version 0.2, in 2017. It is not read: load it in PyTorch and save it again.`,
      );
    }
    return isLegacyForm(context.head) ? openLegacyForm(context) : openZipForm(context);
  },
};
