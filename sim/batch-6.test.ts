import { testBatch } from "../test/sim-batch.ts";

testBatch(6001);
