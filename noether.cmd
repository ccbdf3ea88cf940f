@echo off
rem Finds Java and starts the launcher, which builds what is missing and runs the command line.
setlocal
if defined JAVA_HOME goto home
set "NOETHER_JAVA=java"
where java >nul 2>nul && goto run
echo noether: needs a JDK, 17 or later: put java on the PATH or set JAVA_HOME 1>&2
exit /b 2

:home
set "NOETHER_JAVA=%JAVA_HOME%\bin\java.exe"
if exist "%NOETHER_JAVA%" goto run
echo noether: JAVA_HOME is "%JAVA_HOME%", and no Java is there: let it name a JDK, 17 or later, or unset it 1>&2
exit /b 2

:run
"%NOETHER_JAVA%" -Dorg.bytedeco.javacpp.maxPhysicalBytes=0 --enable-native-access=ALL-UNNAMED "%~dp0cli\src\launcher\java\Launcher.java" "%~dp0." %*
exit /b %errorlevel%
