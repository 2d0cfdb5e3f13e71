/** For what may take long: searches, lists, exports, retention. */
export const SLOW_CONNECTIONS = 3;
/** For the beats, which must not wait for anything else. */
export const REPLICA_CONNECTIONS = 1;
/** The connections that a server opens at most, besides DATABASE_CONNECTIONS for the turns. */
export const OTHER_CONNECTIONS = SLOW_CONNECTIONS + REPLICA_CONNECTIONS;
