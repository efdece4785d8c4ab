package io.replication4j;

/** What a side of a pair is, by its record. */
public enum Role {
  SOURCE,
  TARGET
}
