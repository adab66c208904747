namespace Scale.Store.Databases;

public enum Provider { Sqlite, Postgres }
