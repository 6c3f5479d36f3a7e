package server

const backupName = "backup.json"
