@echo off
rem Starts install.ps1, which installs tcpshake for you: install.cmd, or install.cmd -Uninstall
powershell -NoProfile -ExecutionPolicy Bypass -File "%~dp0install.ps1" %*
pause
