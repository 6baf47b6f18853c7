# Puts the plugin and the profile "TCP Handshake" where your Wireshark looks for them: in your personal folders.
# Usage: install.ps1                     install
#        install.ps1 -Uninstall          remove it again, for every version of Wireshark
#        install.ps1 -Wireshark FOLDER   where tshark.exe is, if it is not found
#
# It installs the builds for all versions, so that Wireshark finds its own after an upgrade. For PowerShell 5.1, which Windows has.
#
# SPDX-License-Identifier: GPL-2.0-or-later
param([switch]$Uninstall, [string]$Wireshark)
$ErrorActionPreference = 'Stop'
$here = Split-Path -Parent $MyInvocation.MyCommand.Path
$builds = Split-Path -Parent $here
$list = 'tcpshake-files'

function Stop-With([string]$Message) {
    Write-Host "install: $Message" -ForegroundColor Red
    exit 1
}

# tshark.exe: in the folder that was named, where Windows says that Wireshark is, or in the PATH.
function Find-Tshark {
    $folders = @()
    if ($Wireshark) {
        $folders += $Wireshark
    } else {
        foreach ($key in 'HKLM:\SOFTWARE', 'HKCU:\SOFTWARE') {
            $entry = Get-ItemProperty "$key\Microsoft\Windows\CurrentVersion\App Paths\Wireshark.exe" -ErrorAction SilentlyContinue
            if ($entry) { $folders += Split-Path -Parent ($entry.'(default)'.Trim('"')) }
        }
        $folders += Join-Path $env:ProgramFiles 'Wireshark'
        $command = Get-Command tshark.exe -ErrorAction SilentlyContinue
        if ($command) { $folders += Split-Path -Parent $command.Path }
    }
    foreach ($folder in $folders) {
        $program = Join-Path $folder 'tshark.exe'
        if (Test-Path -LiteralPath $program) { return $program }
    }
    Stop-With "found no tshark.exe in $($folders -join ', '). Name its folder: install.cmd -Wireshark FOLDER (Wireshark's installer offers TShark as a component)"
}

# What tshark prints, line by line. It prints UTF-8, and may complain on its other output.
function Read-Tshark([string[]]$Arguments) {
    $ErrorActionPreference = 'Continue'
    @(& $tshark @Arguments 2>&1 | ForEach-Object { "$_" })
}

# A folder by the name that tshark gives it.
function Get-WiresharkFolder([string]$Name) {
    foreach ($line in Read-Tshark '-G', 'folders') {
        if ($line -match "^$([regex]::Escape($Name)):\s*(.+?)\s*$") { return $Matches[1].Replace('/', '\').TrimEnd('\') }
    }
    Stop-With "tshark -G folders names no $Name"
}

function Get-Sum([string]$File) { (Get-FileHash -LiteralPath $File -Algorithm SHA256).Hash }

# Whether a file of the profile is as it was put there, now or by an earlier version; what you have changed stays yours.
function Test-AsPut([string]$File, [string]$Source) {
    if ((Test-Path -LiteralPath $Source) -and (Get-Sum $File) -eq (Get-Sum $Source)) { return $true }
    $sums = Join-Path (Split-Path -Parent $File) $list
    (Test-Path -LiteralPath $sums) -and ((Get-Content -LiteralPath $sums) -contains "$(Get-Sum $File) $(Split-Path -Leaf $File)")
}

function Copy-Plugin([string]$File, [string]$Place) {
    New-Item -ItemType Directory -Force -Path (Split-Path -Parent $Place) | Out-Null
    if ([IO.Path]::GetFullPath($File) -ne [IO.Path]::GetFullPath($Place)) { # the download was unpacked in the plugins folder
        try {
            Copy-Item -LiteralPath $File -Destination $Place -Force
        } catch {
            Stop-With "could not write $Place. Close Wireshark and try again. ($($_.Exception.Message))"
        }
    }
    Unblock-File -LiteralPath $Place # Windows marks what comes from the Internet
}

function Install-Plugins {
    if (-not (Test-Path -LiteralPath (Join-Path $builds "$version\epan\tcpshake.dll"))) {
        $there = (Get-ChildItem -LiteralPath $builds -Directory | Where-Object { $_.Name -match '^\d+\.\d+$' }).Name -join ', '
        Stop-With "there is no plugin here for Wireshark ${version}: only for $there. Unpack the whole zip before you start this"
    }
    foreach ($folder in Get-ChildItem -LiteralPath $builds -Directory | Where-Object { $_.Name -match '^\d+\.\d+$' }) {
        Copy-Plugin (Join-Path $folder.FullName 'epan\tcpshake.dll') (Join-Path $plugins "$($folder.Name)\epan\tcpshake.dll")
    }
    $loaded = Read-Tshark '-G', 'plugins'
    $place = Join-Path $plugins "$version\epan\tcpshake.dll"
    if (-not ($loaded | Where-Object { $_.Replace('/', '\').Contains($place) })) {
        $said = ($loaded | Where-Object { $_ -match 'tcpshake' }) -join ' '
        Stop-With "put $place there, but tshark -G plugins does not list it: $(if ($said) { $said } else { 'no message names it' })"
    }
    Write-Host "Installed in ${plugins}; Wireshark $version loads it."
}

function Install-Profile {
    New-Item -ItemType Directory -Force -Path $profileFolder | Out-Null
    $sums = @()
    foreach ($source in Get-ChildItem -LiteralPath (Join-Path $here 'profile') -File) {
        $file = Join-Path $profileFolder $source.Name
        if (-not (Test-Path -LiteralPath $file) -or (Test-AsPut $file $source.FullName)) {
            Copy-Item -LiteralPath $source.FullName -Destination $file -Force
            $sums += "$(Get-Sum $file) $($source.Name)"
        } elseif ($source.Name -ne 'recent') { # Wireshark itself writes that one, whenever it is closed
            Write-Host "Left as it is, since it is your own: $file"
        }
    }
    Set-Content -LiteralPath (Join-Path $profileFolder $list) -Value $sums -Encoding Ascii
    Write-Host 'The profile "TCP Handshake" is there too: choose it in the bottom right corner of Wireshark''s window.'
}

function Uninstall-Profile {
    if (-not (Test-Path -LiteralPath (Join-Path $profileFolder $list))) { return }
    foreach ($file in Get-ChildItem -LiteralPath $profileFolder -File) {
        if ($file.Name -eq 'recent' -or (Test-AsPut $file.FullName (Join-Path $here "profile\$($file.Name)"))) {
            Remove-Item -LiteralPath $file.FullName
        }
    }
    Remove-Item -LiteralPath (Join-Path $profileFolder $list)
    if (Get-ChildItem -LiteralPath $profileFolder -Force) {
        Write-Host "Left what is your own in $profileFolder"
    } else {
        Remove-Item -LiteralPath $profileFolder
    }
}

function Uninstall-Plugins {
    $found = @(Get-ChildItem -Path (Join-Path $plugins '*\epan\tcpshake.dll') -ErrorAction SilentlyContinue)
    foreach ($file in $found) {
        try {
            Remove-Item -LiteralPath $file.FullName
        } catch {
            Stop-With "could not remove $($file.FullName). Close Wireshark and try again. ($($_.Exception.Message))"
        }
        Write-Host "Removed $($file.FullName)"
    }
    if (-not $found) { Stop-With "there is no tcpshake.dll below $plugins" }
}

[Console]::OutputEncoding = [Text.Encoding]::UTF8
$tshark = Find-Tshark
$first = (Read-Tshark '--version') -join ' '
if ($first -notmatch '(\d+\.\d+)\.\d+') { Stop-With "$tshark does not say its version: $first" }
$version = $Matches[1]
$plugins = Split-Path -Parent (Get-WiresharkFolder 'Personal Plugins')
$profileFolder = Join-Path (Get-WiresharkFolder 'Personal configuration') 'profiles\TCP Handshake'
if ($Uninstall) {
    Uninstall-Profile
    Uninstall-Plugins
} else {
    Install-Plugins
    Install-Profile
}
