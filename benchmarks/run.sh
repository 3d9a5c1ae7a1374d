#!/usr/bin/env bash
# Builds and runs a benchmark by the name of its class: benchmarks/run.sh TensorBenchmark
# ET_NO_BUILD=1 runs what is built; ET_PROFILE is a Maven profile, as for ./et. JMH benchmarks take JMH's options after the name; the others take their own.
set -euo pipefail
cd "$(dirname "$0")/.."
name=${1:?usage: benchmarks/run.sh NAME [options]; NAME is a class in benchmarks/src/main/java}
shift
source=$(find benchmarks/src/main/java -name "$name.java" -print -quit)
[ -n "$source" ] || { echo "no benchmark named $name in benchmarks/src/main/java" >&2; exit 2; }
if [ "${ET_NO_BUILD:-}" != 1 ]; then
  # shellcheck source=../profile.sh
  . ./profile.sh
  profile=benchmarks/target/profile # another profile's libraries would be loaded too
  [ "$(cat $profile 2> /dev/null)" = "${ET_PROFILE:-}" ] || rm -rf benchmarks/target/lib
  ./mvnw -q -B -ntp ${ET_PROFILE:+-P"$ET_PROFILE"} -pl benchmarks -am -Dmaven.test.skip=true -Dspotless.check.skip=true -Djavac.analysis=-Xdiags:compact package
  echo "${ET_PROFILE:-}" > $profile
fi
main=org.efficienttrain.benchmarks.$name
arguments=("$@")
if grep -q '@Benchmark' "$source"; then
  main=org.openjdk.jmh.Main
  arguments=("$name" "$@")
fi
OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-PASSIVE} exec java \
  -XX:+IgnoreUnrecognizedVMOptions --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
  -Dorg.bytedeco.javacpp.maxPhysicalBytes=0 -Dorg.bytedeco.javacpp.maxBytes=0 \
  -XX:+UseParallelGC -Djava.awt.headless=true -Det.home="$PWD" ${ET_JAVA_OPTS:-} \
  -cp "benchmarks/target/classes:benchmarks/target/lib/*" "$main" ${arguments[@]+"${arguments[@]}"}
