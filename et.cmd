@echo off
rem Launcher for Windows on x86-64: finds a JDK, builds when the sources are newer than the build, runs the command line.
rem   ET_JAVA_OPTS   more flags for the JVM, such as -Xmx8g
rem   ET_CLASSPATH   folders and jars with networks and tasks of your own (docs/your-own.md)
rem   ET_DEBUG=1     stack traces with errors
setlocal
set "home=%~dp0"
if "%home:~-1%"=="\" set "home=%home:~0,-1%"

if /i not "%PROCESSOR_ARCHITECTURE%"=="AMD64" (
  echo et: no libtorch for Java on Windows %PROCESSOR_ARCHITECTURE%: use Linux on x86-64, macOS, or Windows on x86-64. 1>&2
  exit /b 2
)

if defined JAVA_HOME if exist "%JAVA_HOME%\bin\javac.exe" goto :java
for /f "delims=" %%j in ('where javac.exe 2^>nul') do (
  for %%d in ("%%~dpj..") do set "JAVA_HOME=%%~fd"
  goto :java
)
echo et: no JDK found: install one, version 17 or newer ('winget install EclipseAdoptium.Temurin.17.JDK'), or set JAVA_HOME. 1>&2
exit /b 2

:java
set "version="
for /f "tokens=2 delims=^=" %%v in ('findstr /b JAVA_VERSION^= "%JAVA_HOME%\release" 2^>nul') do set "version=%%~v"
for /f "tokens=1 delims=." %%v in ("%version%") do set "version=%%v"
if not defined version set "version=0"
if %version% geq 17 goto :found
echo et: %JAVA_HOME% is no JDK 17 or newer: install one, or set JAVA_HOME. 1>&2
exit /b 2

:found
if /i "%~1"=="verify" (
  cd /d "%home%"
  call mvnw.cmd -B -ntp verify
  exit /b
)

rem Exit code 1 of the script: a source is newer than the marker of the last build.
set "built=%home%\app\target\built"
powershell -NoProfile -ExecutionPolicy Bypass -Command ^
  "$b = Get-Item -ErrorAction SilentlyContinue $env:built; if (-not $b) { exit 1 };" ^
  "$s = Get-ChildItem $env:home\pom.xml, $env:home\*\pom.xml; $s += Get-ChildItem -Recurse -File $env:home\*\src\main;" ^
  "if ($s | Where-Object { $_.LastWriteTimeUtc -gt $b.LastWriteTimeUtc } | Select-Object -First 1) { exit 1 }"
if not errorlevel 1 goto :run

echo Building (the first time downloads about 200 MB and takes a few minutes) ... 1>&2
if not exist "%home%\app\target" mkdir "%home%\app\target"
del /q "%built%" 2>nul
copy /y nul "%built%.start" >nul
pushd "%home%"
call mvnw.cmd -B -ntp -q -pl app -am -Dmaven.test.skip=true -Dspotless.check.skip=true -Djavac.analysis=-Xdiags:compact package >"%home%\app\target\build.log" 2>&1
if errorlevel 1 (
  popd
  findstr ERROR "%home%\app\target\build.log" 1>&2
  echo et: the build failed; the whole log is in app\target\build.log. 1>&2
  exit /b 1
)
popd
move /y "%built%.start" "%built%" >nul

:run
rem The image reader names a broken file and says what is wrong with it; lines of OpenCV have no name.
if not defined OPENCV_LOG_LEVEL set "OPENCV_LOG_LEVEL=SILENT"
set "own="
if defined ET_CLASSPATH set "own=;%ET_CLASSPATH%"
"%JAVA_HOME%\bin\java.exe" ^
  -XX:+IgnoreUnrecognizedVMOptions --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow ^
  -Dorg.bytedeco.javacpp.maxPhysicalBytes=0 -Dorg.bytedeco.javacpp.maxBytes=0 ^
  -XX:+UseParallelGC -Djava.awt.headless=true ^
  "-Det.home=%home%" -Det.terminal=true %ET_JAVA_OPTS% ^
  -cp "%home%\app\target\classes;%home%\app\target\lib\*%own%" org.efficienttrain.app.Main %*
exit /b %errorlevel%
