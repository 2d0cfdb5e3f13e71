import { hasBalancer } from "../../harness/balancer.ts";
import { hasPostgres } from "../../harness/postgres.ts";
import { hasRedis } from "../../harness/redis.ts";
import { sayWhichAreMissing } from "../support/proxies.ts";

/** False when the tests of several replicas must be skipped, because this machine lacks a server. */
export const hasServers = hasPostgres && hasRedis && hasBalancer("haproxy") && hasBalancer("nginx");

sayWhichAreMissing(["nginx", "HAProxy"]);
