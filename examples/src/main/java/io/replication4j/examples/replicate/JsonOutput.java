package io.replication4j.examples.replicate;

import io.replication4j.ReplicationJson;
import io.replication4j.SyncPlan;
import io.replication4j.SyncReport;
import io.replication4j.Verification;
import java.io.PrintStream;
import java.util.List;
import java.util.stream.Collectors;

/** One JSON object on one line. */
final class JsonOutput implements Output {

  private final PrintStream out;
  private final PrintStream err;

  JsonOutput(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  @Override
  public int plans(List<SyncPlan> plans) {
    List<String> texts = plans.stream().map(ReplicationJson::write).toList();
    out.println(texts.size() == 1 ? texts.get(0) : "{\"plans\":" + array(texts) + "}");
    return Output.statusOfPlans(plans);
  }

  @Override
  public int reports(List<SyncReport> reports) {
    List<String> texts = reports.stream().map(ReplicationJson::write).toList();
    out.println(
        texts.size() == 1
            ? texts.get(0)
            : "{\"outcome\":\"" + Output.worst(reports) + "\",\"reports\":" + array(texts) + "}");
    reports.forEach(report -> report.failure().ifPresent(err::println));
    return Output.statusOf(reports);
  }

  @Override
  public int verifications(List<Verification> verifications) {
    List<String> texts = verifications.stream().map(ReplicationJson::write).toList();
    out.println(texts.size() == 1 ? texts.get(0) : "{\"verifications\":" + array(texts) + "}");
    return Output.statusOfVerifications(verifications);
  }

  private static String array(List<String> texts) {
    return texts.stream().collect(Collectors.joining(",", "[", "]"));
  }
}
