/**
 * The version of everything that decides what follows from the inputs of a venue: rules, ids, dice, listings, default
 * settings. A log is only replayed by the version that wrote it. Raised with a release in which equal inputs give
 * other bytes than in the release before; a test holds the bytes of one long day.
 */
export const RULES_VERSION = 1;
