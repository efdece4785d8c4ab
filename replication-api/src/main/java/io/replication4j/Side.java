package io.replication4j;

/** One of the two places of a pair. */
public enum Side {
  SOURCE,
  TARGET;

  public Side other() {
    return this == SOURCE ? TARGET : SOURCE;
  }

  @Override
  public String toString() {
    return this == SOURCE ? "source" : "target";
  }
}
