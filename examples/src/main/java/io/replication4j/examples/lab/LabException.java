package io.replication4j.examples.lab;

/** This machine cannot give what an example works on; the message says what, and what to do. */
public final class LabException extends RuntimeException {

  public LabException(String message) {
    super(message);
  }
}
