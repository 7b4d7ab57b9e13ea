/** Benchmarks beside peers, run by {@code mvn -Pbench verify}; JMH's are in src/test/java. */
package io.modelcontrol.bench;
