import type { Layout } from "../layout.ts";
import { awq } from "./awq.ts";
import { bitsandbytes4, bitsandbytes8 } from "./bitsandbytes.ts";
import { compressedTensors } from "./compressed-tensors.ts";
import { gptOss } from "./gpt-oss.ts";
import { gptq } from "./gptq.ts";
import { hqq } from "./hqq.ts";
import { mlx } from "./mlx.ts";
import { modelOpt } from "./modelopt.ts";
import { named } from "./named.ts";
import { scaled } from "./scaled.ts";
import { told } from "./told.ts";
import { torchao } from "./torchao.ts";

/** Every layout that is recognised, in the order of asking: what has parts of its own before what is told by shapes. */
export const layouts: readonly Layout[] = [
  told,
  awq,
  gptq,
  mlx,
  named,
  compressedTensors,
  gptOss,
  modelOpt,
  bitsandbytes4,
  bitsandbytes8,
  hqq,
  torchao,
  scaled,
];
