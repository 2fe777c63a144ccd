import { HALF, smallFloatValue } from "../../exact/small-float.ts";

/**
 * The 512 pairs of QTIP's hybrid book, in float16. QTIP makes them by k-means over 2^20 pairs of normal numbers, without a seed, and scales
 * them to a standard deviation of 0.9682458365518543; these were made likewise (numpy, seed 20261130), and are not the authors' own.
 */
const PAIRS =
  "1ju1sQK4BznZv5s3XjdgPKg5RTw0OH2wi7jtttazpbc9u3851DqqNTEzI7Bauno4dzwruPmshjsJvFfBH0D5vE88cD67slo0ujrxvIuz4TtrOXi8vDDo" +
  "vRE1ljQlPGGmJ7YWP0y2F7wbwJ0/j7mgsq+w07rru6WyNrzlqjo7o6qRrq8+zj4wNPk6s7lzKJC5bLhgNua/G7n0Mhu5jzgPqHe5YD9NvDA/DL21tSc5" +
  "lbo/rh40dD3Hp5IxqTmFurO4SruJtai7Jrg4PJO1YrGpOW07asC2JUZAMjzjOl4zK73Svve5bTi8u6m4ADqNL8S4vbG/P7Q2JTras76ztT0XP3Y7YzjN" +
  "JfAzdLhuu8o0m7LAMps3prM3Lci15b8Put+t8ak0pscxpjgTOHo5XS+Psfy0ID4wssA6qL4rvOa3NrhcwbM3cLm8vFDAQzFfOwO1MCokPDS02Tg3OHo4" +
  "ckD2OAi9zTsDL7W8aDJMs569F79/LSk4x7g3PNw6wD30vTA5D7elslk1ta6+veO6LjlCryKvbTdtv/utZcCxOWtBXbT0OqE6ZLlKuOk5PjQHvuG4wT5l" +
  "rqA9wDrfLsq6VrqKNGG1h7K9veVAx7xFOCUyBjyCMAW8Yz2eQAwxJLaAOHq1tTXntRe24bxht0Eu4T/KupW1Fi7XvW0/Zb60sYI8dzYowNO0sTXNvlm5" +
  "qTfis3a8OD2dN2o5SDg8Mmwk8T1JsRQ5GTIsPW+4RjSOqDMeOLxnMQ8vDbVVoau4kDQJNT04AbAKPeY8izR+u1I03rkNvDs3mLnVOGY/Nj+zPHs8NLI1" +
  "rnXAlDrBPmEwybkTPCM0FjQXtXQ6PEG0Nc8+syjps0G81LW1OTk7eD69tVMuuL7NMcQ69jsouZY6l7iHrCC5sbsMPY66zSdbqyW12zjsLLU94bvpN6i6" +
  "ELYbOb0unSgcud04WbmOv+Q5MTDGux28mzy2uVm5X0FvPIs4IzdBO+auJ75Ct+s0ibwhuLvBIrhup3k4BTDeQRG4EDjyuKmuXUBeskGQLDcAOTg1qb53" +
  "wN81gLfMOZ65IDxSvByhSrt4vQWyHLzpvvc8pbwGOw88sCiRNa+wqyl3L6o2DrXEvvK3za76Niw9JDTgtsk1j7r5PLE9z8DNPNetXL/Gu0Q4hDjwv/S1" +
  "4LRdsAW8zbylu9C7Wi76vq62S0BPv1m4Zr7muP48ezwfMAG8KTyeP1AogTrlvcY36SiatuC6pDmmuwQzKDQSs9xAezrfPNW80Tx9Oo7B2TELuMe2zpsO" +
  "Paw86z5ovCk+nS2Wv1M8nrzNsp86jCo+ume+E78cOrO09jmTvcAkBSKXK580Z7j5O9W6fT5ounm+ib0/vVMyvrpcspq2hjYPOTY57T0EvQIsHjpltLKv" +
  "qDdbt/U1V7Q3sU61vTratuc7ljmWtQk7dSO6PKI2Cb1iLBo5DiwwO5E4hDo/P3Y4VD1lvyY+mj20uQUvx7quNoy5wzUMu8y8rLoWMUe6ojxDPqw3XjUL" +
  "POw8jjstvEy5GLwzwKM0xCzkNAY7jb2TvFqm3bavNdW9vD0aOci6Drv3NKk8lzlQQBUvOD+vPzY+9jTIQOBAuDzkJTawZrWhtkUwozKSuJvAIL3QOUO9" +
  "SLhcOZq4GKyLwdWsKrjEOg2y5TNfMVC68DvBtT24aDaXNes4LL3KOFu3MDxDPF28YzObqTi6IDzRP5czZD2Dubm6IboHtXo6Lzk/PFm+dDjzvV27VEDD" +
  "N+mzobmQuUg1A0DJOMg8CbbUuZA6yrqJK2Q9Orhavcc4SLNNtncy9i/sNGq0+TFbMDM+6sCpvR+qajm3OZWyRDVuucA9pjSivnc3g0EdN5s4JjdftG+7" +
  "27ynNbK4LC/VrLy8iTRqvAY+UDwOPpG4SLsqrJC/nb6HvMi81DLkv8c5PbeXvQ43ebGfuYw42TvANAE6OzGxPEY2xLujseo1Z7n6Mno12DH9Kam1QDid" +
  "uBC/3j2SuEo+Sz6awFK8yTpwPQi6CrE+Mei83KsGNF+7GTirMIM0HTnJrJQtVrl+Fa87yLenMzq6sbGIuCdBVrwBtxg6E7e4tkE95b0fLHAwHC1yt7M5" +
  "bzYduC07PLA9q3A29Dh1vd09SDtTvzg8S73FPFq7bbXPvRk8GD2Pthg87T8/O6k7vi5KvOk9NTp5rcq1HDiTtAi5dDryNzw/j7gDuos9o7RNNkK1szTx" +
  "u6293DudNlWyRb0hPWuyc7n7OgysnzWlPm865bcKtao4kbmtsKY4rMDJuUu8XDmAujS3365VPKo/HEAEt748XTgENEq4Erqqumw+iLDattusELBTqvWy" +
  "3jyzOf25wTkGs/imlbRHPcA8UKgcM9U1vzhMPurA6q9HrtM9kDC3rEu0kTyWPdK1OD0uMEcqJ6l2vmoqe7mGtqC8cC0Iu8a5eLirsug6oDLHsZqwELvL" +
  "Oha+BjTbOha8XjlQtSO8ZTa+N3O8YSBivew1URiUQBQx8b3+tQK+JzuQP720LyV+uCu0mLWguPm4U6t0OpY5/BwXvqY8Gr3IvUK0SLr1Npw307c+QAPA" +
  "SbwEOLU1LDc0rBm4ZzKaNl6x4jWvwCS2ra4pOdK+EbcTuUg697QSMJa0DzbxPcc+Jr5es8k3RLhlvPi8zbmTNpS4RL/bMnRAtbjtuYO9FTWjNtk897V2" +
  "Ntsu67j1tFM3obVRuGEX9D8/NdmoZjG2OQ46ebB6sw45hT0lvLG6jLeGPfI2ljM=";

/** One pair after the other. */
export function pairs(): Float32Array {
  const text = atob(PAIRS);
  return Float32Array.from({ length: 1024 }, (_, i) =>
    smallFloatValue(HALF, text.charCodeAt(2 * i) + 256 * text.charCodeAt(2 * i + 1)),
  );
}
