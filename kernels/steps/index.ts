/** Every step, one line each. Names are disjoint from those of formats, roundings and scale rules. Importing this makes them known. */
import { adaround } from "./adaround/index.ts";
import { align } from "./align/index.ts";
import { armor } from "./armor/index.ts";
import { awq } from "./awq/index.ts";
import { babai } from "./babai/index.ts";
import { bias } from "./bias/index.ts";
import { bone } from "./bone/index.ts";
import { cd } from "./cd/index.ts";
import { center } from "./center/index.ts";
import { chanbias } from "./chanbias/index.ts";
import { clamp } from "./clamp/index.ts";
import { columns } from "./columns/index.ts";
import { dct } from "./dct/index.ts";
import { densesparse } from "./densesparse/index.ts";
import { dst } from "./dst/index.ts";
import { firsttokens } from "./firsttokens/index.ts";
import { flat } from "./flat/index.ts";
import { gptaq } from "./gptaq/index.ts";
import { gptq } from "./gptq/index.ts";
import { householder } from "./householder/index.ts";
import { hqq } from "./hqq/index.ts";
import { ht } from "./ht/index.ts";
import { hut } from "./hut/index.ts";
import { provideSteps } from "./known.ts";
import { kron } from "./kron/index.ts";
import { l4q } from "./l4q/index.ts";
import { ldlq } from "./ldlq/index.ts";
import { lowrank } from "./lowrank/index.ts";
import { monarch } from "./monarch/index.ts";
import { monarchpart } from "./monarchpart/index.ts";
import { orth } from "./orth/index.ts";
import { outliers } from "./outliers/index.ts";
import { pca } from "./pca/index.ts";
import { perm } from "./perm/index.ts";
import { principal } from "./principal/index.ts";
import { prune } from "./prune/index.ts";
import { qronos } from "./qronos/index.ts";
import { rht } from "./rht/index.ts";
import { signround } from "./signround/index.ts";
import { smooth } from "./smooth/index.ts";
import { spin } from "./spin/index.ts";
import type { Step } from "./step.ts";
import { tucker } from "./tucker/index.ts";

export const steps: readonly Step[] = [
  ht,
  rht,
  dct,
  dst,
  orth,
  monarch,
  householder,
  pca,
  center,
  smooth,
  chanbias,
  awq,
  flat,
  spin,
  perm,
  outliers,
  densesparse,
  clamp,
  columns,
  firsttokens,
  prune,
  armor,
  principal,
  kron,
  tucker,
  monarchpart,
  gptq,
  ldlq,
  babai,
  cd,
  qronos,
  gptaq,
  hqq,
  adaround,
  signround,
  l4q,
  lowrank,
  hut,
  bone,
  bias,
  align,
];

provideSteps(steps);
