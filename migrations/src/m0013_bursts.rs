//! Bursts at kiosks: what one device sent around a moment is found without reading what all others sent.

use sea_orm_migration::prelude::*;

/// Creates the index of kiosk answers by device and end.
#[derive(Debug)]
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0013_bursts"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Only of kiosks (mode 2): a phone's answer costs nothing. The other columns ride along, so that counting bursts
        // reads the index alone. Both engines have partial indexes; the query builder has no word for them.
        let sql = "CREATE INDEX response_kiosk_idx ON response (device_id, finished_at, round_id, marks, mode) \
                   WHERE mode = 2 AND device_id IS NOT NULL";
        manager.get_connection().execute_unprepared(sql).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP INDEX response_kiosk_idx").await?;
        Ok(())
    }
}
