import { FollowerWorld } from "../../test/follower-world.ts";
import { testTranscripts } from "../../test/transcript.ts";

testTranscripts("src/account/transcripts", () => new FollowerWorld().answer);
