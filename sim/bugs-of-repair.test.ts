import { copyForTests, testPlanted } from "../test/planting.ts";
import { BUGS_OF_REPAIR } from "./planted-bugs.ts";

testPlanted(copyForTests(), BUGS_OF_REPAIR);
